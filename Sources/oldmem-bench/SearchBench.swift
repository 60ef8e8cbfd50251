// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// How long finding 512 MiB takes, against makedumpfile's filter step.
struct SearchBench {
  let rounds: Int

  /// One row for each file: medians, ratio, and on what machine.
  func table(_ files: [String]) throws -> String {
    var lines = [
      "| vmcore | oldmem search | makedumpfile filter | ratio |",
      "|---|---|---|---|",
    ]
    var figures: [String] = []
    for file in files {
      var ours: [Double] = []
      var theirs: [Double] = []
      // The first round warms the page cache and is not counted.
      for round in 0...rounds {
        let filter = try filterStep(file)
        let search = try searchTime(file)
        guard round > 0 else { continue }
        theirs.append(filter)
        ours.append(search)
      }
      let name = URL(fileURLWithPath: file).lastPathComponent
      lines.append(
        "| \(name) | \(milliseconds(ours)) | \(milliseconds(theirs)) "
          + "| \(String(format: "%.1f", median(theirs) / median(ours))) |"
      )
      let group = "512 MiB found, \(name)"
      figures += [
        FiguresFile.line(group, "oldmem", "ms", more: false, ours.inMilli),
        FiguresFile.line(
          group,
          "makedumpfile's filter",
          "ms",
          more: false,
          theirs.inMilli
        ),
        FiguresFile.goal(group, name.hasSuffix("64G.vmcore") ? 1 : 3, "best"),
      ]
    }
    try FiguresFile.write("search", figures + ["machine\t\(machine())"])
    return lines.joined(separator: "\n") + "\n\n" + (try machine())
  }

  /// Seconds of makedumpfile's `STEP [Excluding unnecessary pages]`: the
  /// fastest time over all frames, for some modes do the step twice.
  func filterStep(_ file: String) throws -> Double {
    let log = try run([
      "makedumpfile", "-l", "-d", "31", "--message-level", "31", "--dry-run",
      file, ".build/bench/no-dump",
    ])
    let steps = log.split(separator: "\n").compactMap { line -> Double? in
      guard line.contains("STEP [Excluding unnecessary pages]"),
        let colon = line.lastIndex(of: ":")
      else { return nil }
      let words = line[line.index(after: colon)...].split(separator: " ")
      return words.first.flatMap { Double($0) }
    }
    if let fastest = steps.min() { return fastest }
    throw BenchError("makedumpfile names no filter step:\n\(log)")
  }

  /// Seconds of the search, in a process of its own.
  func searchTime(_ file: String) throws -> Double {
    let text = try run([CommandLine.arguments[0], "find", file])
    let number = text.split(separator: "\n").last.flatMap { Double($0) }
    guard let number else { throw BenchError("no time in: \(text)") }
    return number
  }

  /// What it was measured on.
  func machine() throws -> String {
    let cpu =
      try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      .split(separator: "\n").first { $0.hasPrefix("model name") }
      .flatMap { $0.split(separator: ":").last } ?? " unknown"
    let kernel = try run(["uname", "-r"]).trimmingCharacters(in: .newlines)
    let version = try run(["makedumpfile", "-v"]).split(separator: "\n").first
    return "\(ProcessInfo.processInfo.processorCount) x\(cpu), Linux "
      + "\(kernel), \(version ?? "makedumpfile"); median of \(rounds) rounds "
      + "in turn (lowest-highest), files in the page cache"
  }
}

extension [Double] {
  /// Seconds, in milliseconds.
  var inMilli: [Double] { map { $0 * 1000 } }
}

/// The median of some times, and the lowest and the highest.
func milliseconds(_ times: [Double]) -> String {
  let low = times.min() ?? 0
  let high = times.max() ?? 0
  return String(
    format: "%.2f ms (%.2f-%.2f)",
    median(times) * 1000,
    low * 1000,
    high * 1000
  )
}
