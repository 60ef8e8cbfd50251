// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import Memory
internal import MemoryMap
internal import PageClasses
internal import SyntheticVMCore
internal import VMCore

/// A machine of 1 TiB, built in memory: how long the free lists take, how
/// fast its 16 GiB of struct pages are judged, and how much memory that takes.
enum TerabyteBench {
  static func table(rounds: Int) throws -> String {
    let vmcore = BenchMachine.terabyte.build()
    let flags = try FlagLayout(text: KernelEra.v6_12.flagLayoutText)
    var searches: [Double] = []
    var scans: [Double] = []
    var reads: [Double] = []
    var bytes = 0.0
    // The peak counts from here on (Documentation/filesystems/proc.rst).
    try "5".write(
      toFile: "/proc/self/clear_refs",
      atomically: false,
      encoding: .utf8
    )
    let before = try memory("VmRSS")
    for _ in 0..<rounds {
      searches.append(try search(vmcore))
      reads.append(try read(vmcore))
      let (time, count) = try scan(vmcore, flags)
      scans.append(time)
      bytes = count
    }
    let peak = try memory("VmHWM")
    return """
      | 1 TiB, built | | |
      |---|---|---|
      | 512 MiB from the free lists | \(milliseconds(searches)) | goal 1000 ms |
      | all struct pages read, not judged | \(milliseconds(reads)) \
      | \(gigabytes(bytes / median(reads))) |
      | all struct pages judged | \(milliseconds(scans)) \
      | \(gigabytes(bytes / median(scans))) |
      | judging alone, by the difference | \
      | \(gigabytes(bytes / (median(scans) - median(reads)))) |
      | memcpy | | \(gigabytes(Copying.pace())) |
      | memory taken meanwhile, at the most | \(peak - before) KiB | |
      """
  }

  private static func search(_ vmcore: SyntheticVMCore) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let core = try CoreFile(vmcore)
    let kernel = KernelLayout(try core.vmcoreInfo())
    var taken = Taken(wanted: (512 << 20) >> Frame.shift)
    let report = try FrameSearch.search(core, kernel, policy(nil), &taken)
    guard report.endedEarly, !report.isLinear else {
      throw BenchError("512 MiB are not on the free lists")
    }
    return seconds(clock.now - start)
  }

  private static func scan(
    _ vmcore: SyntheticVMCore,
    _ flags: FlagLayout
  ) throws -> (seconds: Double, bytes: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let core = try CoreFile(vmcore)
    let kernel = KernelLayout(try core.vmcoreInfo())
    var taken = Taken(wanted: .max)
    let report = try FrameSearch.scan(core, kernel, policy(flags), &taken)
    let time = seconds(clock.now - start)
    guard report.tally.total >> 18 >= 1023 else {
      throw BenchError("not every page was judged")
    }
    return (time, Double(report.tally.total) * 64)
  }

  /// The same windows, read as the scan reads them, and nothing more.
  private static func read(_ vmcore: SyntheticVMCore) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let core = try CoreFile(vmcore)
    let kernel = KernelLayout(try core.vmcoreInfo())
    var map = try MemoryMap(core, kernel)
    var scan = MapScan()
    while true {
      if case .end = try scan.next(&map, core) { break }
    }
    return seconds(clock.now - start)
  }

  private static func policy(_ flags: FlagLayout?) throws -> SearchPolicy {
    guard let level = DumpLevel(31) else { throw BenchError("no level 31") }
    return SearchPolicy(
      dumpLevel: level,
      collector: Collector(version: .init(1, 8, 0)),
      flags: flags
    )
  }

  private struct Taken: FrameVisitor {
    let wanted: UInt64
    var frames: UInt64 = 0

    mutating func visit(_ run: ReusableRun) -> Bool {
      frames += run.frames.count
      return frames < wanted
    }

    mutating func startOver() { frames = 0 }
  }

  /// What this process has of a kind of memory, in KiB.
  private static func memory(_ kind: String) throws -> Int {
    let status = try String(
      contentsOfFile: "/proc/self/status",
      encoding: .utf8
    )
    for line in status.split(separator: "\n") where line.hasPrefix(kind) {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1, let size = Int(words[1]) { return size }
    }
    throw BenchError("no \(kind) in /proc/self/status")
  }
}
