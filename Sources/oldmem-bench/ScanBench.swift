// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// How long it takes to judge every page, against makedumpfile's filter step,
/// which looks at the first pages of blocks only, and against memcpy.
struct ScanBench {
  let rounds: Int

  /// One row for each file: medians, ratio, pace, and on what machine.
  func table(_ files: [String]) throws -> String {
    var lines = [
      "| vmcore | oldmem scan | makedumpfile filter | ratio | struct pages "
        + "| memcpy |",
      "|---|---|---|---|---|---|",
    ]
    let search = SearchBench(rounds: rounds)
    var figures: [String] = []
    for file in files {
      var ours: [Double] = []
      var theirs: [Double] = []
      var copies: [Double] = []
      var bytes = 0.0
      // The first round warms the page cache and is not counted.
      for round in 0...rounds {
        let filter = try search.filterStep(file)
        let (time, size) = try scanTime(file)
        let copy = Copying.pace()
        guard round > 0 else { continue }
        theirs.append(filter)
        ours.append(time)
        copies.append(copy)
        bytes = size
      }
      let name = URL(fileURLWithPath: file).lastPathComponent
      let ratio = median(theirs) / median(ours)
      lines.append(
        "| \(name) | \(milliseconds(ours)) | \(milliseconds(theirs)) "
          + "| \(String(format: "%.2f", ratio)) "
          + "| \(gigabytes(bytes / median(ours))) "
          + "| \(gigabytes(median(copies))) |"
      )
      let group = "all pages judged, \(name)"
      figures += [
        FiguresFile.line(group, "oldmem", "ms", more: false, ours.inMilli),
        FiguresFile.line(
          group,
          "makedumpfile's filter",
          "ms",
          more: false,
          theirs.inMilli
        ),
        FiguresFile.goal(group, 1, "best"),
      ]
    }
    try FiguresFile.write("scan", figures + ["machine\t\(search.machine())"])
    return lines.joined(separator: "\n") + "\n\n" + (try search.machine())
  }

  /// Seconds of a scan in a process of its own, and the bytes that it judged.
  private func scanTime(_ file: String) throws -> (Double, Double) {
    let text = try run([CommandLine.arguments[0], "census", file])
    let numbers = text.split(whereSeparator: \.isWhitespace)
      .compactMap { Double($0) }
    guard numbers.count == 2 else { throw BenchError("no times in: \(text)") }
    return (numbers[0], numbers[1])
  }
}

/// A pace for people.
func gigabytes(_ bytesPerSecond: Double) -> String {
  String(format: "%.1f GB/s", bytesPerSecond / 1e9)
}

/// memcpy on this machine, now.
enum Copying {
  /// Bytes in a second, copied in pieces of 64 KiB out of 64 MiB, as a scan
  /// reads them.
  static func pace() -> Double {
    let piece = 65_536
    let source = [UInt8](repeating: 0x5a, count: 64 << 20)
    var target = [UInt8](repeating: 0, count: piece)
    var sum: UInt8 = 0
    let clock = ContinuousClock()
    let start = clock.now
    for offset in stride(from: 0, to: source.count, by: piece) {
      // SAFETY: both ranges lie inside their arrays.
      unsafe target.withUnsafeMutableBytes { target in
        unsafe source.withUnsafeBytes { source in
          unsafe target.baseAddress?.copyMemory(
            from: source.baseAddress.unsafelyUnwrapped + offset,
            byteCount: piece
          )
        }
      }
      sum &+= target[offset % piece]
    }
    let time = seconds(clock.now - start)
    precondition(sum == UInt8(truncatingIfNeeded: 0x5a * 1024))
    return Double(source.count) / time
  }
}
