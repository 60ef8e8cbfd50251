// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Compares the log that was saved on the disk `rescue` with what the machine's
/// own serial console showed before it crashed.
struct RescueJudge {
  /// The `oldmem` program.
  let oldmem: String
  /// The folder with the disk.
  let folder: String

  private var disk: String { "\(folder)/\(Disk.rescue.name).disk" }

  /// Makes the disk, as its owner would.
  func prepare() throws {
    try Command.run(["truncate", "-s", "8M", disk])
    try Command.run(
      [oldmem, "rescue-format", "--id", Disk.rescueID, disk]
    )
  }

  /// Adds how many lines the console had before the crash, and how many of
  /// them are not in the saved log, in their order.
  func judge(_ observation: inout Observation) throws {
    let saved: [Substring]
    do {
      saved = try Command.run([oldmem, "rescue-read", disk])
        .split(separator: "\n")
    } catch {
      observation.facts["rescued"] = "no"
      return
    }
    observation.facts["rescued"] = "yes"
    observation.facts["rescued-lines"] = "\(saved.count)"
    let shown = observation.console.prefix {
      !$0.contains(Stage.panicOfTheFirst)
    }.filter(Self.isOfKernel)
    var next = saved.startIndex
    var missing = 0
    for line in shown {
      if let place = saved[next...].firstIndex(where: { $0 == line }) {
        next = place + 1
      } else {
        missing += 1
      }
    }
    observation.facts["console-lines"] = "\(shown.count)"
    observation.facts["console-lines-missing"] = "\(missing)"
    observation.facts["rescued-panic"] =
      saved.contains { $0.contains(Stage.panicOfTheFirst) } ? "yes" : "no"
  }

  /// Whether a line is one of the kernel's log: `[    1.234567] text`.
  private static func isOfKernel(_ line: String) -> Bool {
    line.hasPrefix("[") && line.contains("] ")
      && line.dropFirst().prefix { $0 != "]" }
        .allSatisfy { $0.isNumber || $0 == " " || $0 == "." }
  }
}
