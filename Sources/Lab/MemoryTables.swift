// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Report

/// The figures of the hook's `memory` action as text: the kernel's at two
/// steps, and each process's.
public struct MemoryTables {
  private let facts: [String: String]
  private let before: String
  private let after: String

  /// `before` and `after` are steps at which the hook looked.
  public init(_ facts: [String: String], before: String, after: String) {
    self.facts = facts
    self.before = before
    self.after = after
  }

  /// The lines, in KiB.
  public var lines: [String] { kernel.lines + [""] + processes.lines }

  private var kernel: Table {
    var table = Table([
      ("KiB", .left), ("at \(before)", .right), ("at \(after)", .right),
      ("change", .right),
    ])
    for (field, last) in fields(of: after) {
      let first = number("\(before).\(field)") ?? 0
      table.add([field, "\(first)", "\(last)", "\(last - first)"])
    }
    return table
  }

  private var processes: Table {
    let names = ["server", "spare", "reserve", "pid1"]
    var table = Table(
      [("KiB at \(after)", .left)] + names.map { ($0, .right) }
    )
    for field in [
      "VmRSS", "VmHWM", "RssAnon", "RssFile", "RssShmem", "VmPTE", "VmLck",
    ] {
      let row = names.map {
        number("\(after).\($0).\(field)").map { "\($0)" } ?? "-"
      }
      table.add([field] + row)
    }
    return table
  }

  /// What belongs to no process, by name.
  private func fields(of step: String) -> [(String, Int)] {
    facts.keys.sorted().compactMap { key in
      let words = key.split(separator: ".").map(String.init)
      guard words.count == 2, words[0] == step, let value = number(key) else {
        return nil
      }
      return (words[1], value)
    }
  }

  private func number(_ fact: String) -> Int? {
    facts[fact].flatMap { Int($0) }
  }
}
