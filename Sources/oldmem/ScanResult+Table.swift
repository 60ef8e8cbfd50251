// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Report

/// The result as a kernel engineer would want to read it.
extension ScanResult {
  func table() -> String {
    var lines = scene.lines + [""]
    lines += classTable + [""] + stepTable + [""]
    lines += planLines
    lines += notes
    return lines.joined(separator: "\n")
  }

  private var classTable: [String] {
    var table = Table([
      ("class", .left), ("MiB", .right), ("reusable", .right),
      ("kept back, by reason", .left),
    ])
    for item in classes where item.frames > 0 {
      let vetoes = item.vetoes.sorted {
        ($1.value, $0.key) < ($0.value, $1.key)
      }
      var words = vetoes.map { "\($0.key) \(mebibytes($0.value))" }
      table.add([
        item.name, mebibytes(item.frames),
        item.reusable == 0 ? "-" : mebibytes(item.reusable),
        words.isEmpty ? "" : words.removeFirst(),
      ])
      for word in words { table.add(["", "", "", word]) }
    }
    table.add(["total", mebibytes(frames), mebibytes(reusable)])
    return table.lines
  }

  private var stepTable: [String] {
    var table = Table([
      ("lent in this order", .left), ("MiB", .right), ("runs", .right),
      ("longest", .right),
    ])
    for step in steps {
      table.add([
        step.name, mebibytes(step.frames), "\(step.runs)",
        step.frames == 0 ? "-" : "\(mebibytes(step.longestRun)) MiB",
      ])
    }
    return table.lines
  }

  private var planLines: [String] { plan.map { [$0.sentence] } ?? [] }

  private var notes: [String] {
    var lines: [String] = []
    if let fault = freeLists.fault {
      lines.append(
        "\(freeLists.faults) faults in the free lists, all struct pages were "
          + "scanned instead; the first: \(fault)"
      )
    }
    if !freeLists.agreeWithScan {
      lines.append(
        "the free lists and the scan find different frames: pages were on "
          + "their way when the machine crashed"
      )
    }
    return lines
  }
}

extension ScanPlan.Outcome {
  /// What would be lent, in words.
  var sentence: String {
    let size = "\(self.size >> 20) MiB in \(copies) copies"
    guard !classes.isEmpty else { return "\(size): there is nothing to lend" }
    let parts = classes.map { "\(mebibytes($0.frames)) MiB \($0.name)" }
    var line =
      isShort
      ? "\(size): only \(usableBytes >> 20) MiB, out of " : "\(size) would use "
    line += parts.joined(separator: ", ") + ", in \(runs) runs"
    if let distance {
      line += ", copies \(mebibytes(distance)) MiB apart"
    }
    if nodes > 1 {
      line += isAcrossNodes ? ", on nodes of their own" : ", on one node"
    }
    return line
  }
}

extension ScanPlan {
  /// What would be lent, in words.
  var sentence: String { outcome?.sentence ?? "nothing is planned to be lent" }
}

extension ScanScene {
  var lines: [String] {
    [file, "  kernel      \(release ?? "unknown")"]
      + words.map { key, value in
        "  " + key + String(repeating: " ", count: 12 - key.count) + value
      }
  }

  /// The rules, a key and a value each.
  var words: [(key: String, value: String)] {
    let version = makedumpfile ?? "of an unknown version"
    let flags = flags ?? "not known, so only free memory is lent"
    return [
      ("dump level", "\(dumpLevel), by makedumpfile " + version),
      ("page flags", flags),
    ] + (whyNoFlags.map { [("", $0)] } ?? [])
  }
}

/// Frames as MiB with a decimal, or more where that would be none.
func mebibytes(_ frames: UInt64) -> String {
  let bytes = frames * UInt64(Frame.size)
  let tenths = (bytes * 10 + 1 << 19) >> 20
  if tenths == 0, frames > 0 { return "<0.1" }
  return "\(tenths / 10).\(tenths % 10)"
}
