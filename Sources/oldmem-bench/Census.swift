// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import MemoryMap
internal import PageClasses
internal import VMCore

/// The scan that is measured: from the open file to a judgement of every page.
///
/// The page flags are known before: a capture kernel has them in its image.
enum Census {
  /// Seconds that the scan took, and the bytes of struct pages that it read.
  static func time(_ path: String) throws -> (seconds: Double, bytes: Double) {
    let known = try flags(of: path)
    let file = try OpenFile(path)
    var nobody = Nobody()
    let clock = ContinuousClock()
    let start = clock.now
    let core = try CoreFile(file)
    let kernel = KernelLayout(try core.vmcoreInfo())
    guard let level = DumpLevel(31) else { return (.nan, .nan) }
    let policy = SearchPolicy(
      dumpLevel: level,
      collector: Collector(version: .init(1, 8, 0)),
      flags: known
    )
    let report = try FrameSearch.scan(core, kernel, policy, &nobody)
    let end = clock.now
    guard report.tally.total > 0, nobody.frames == report.frames else {
      throw BenchError("\(path): nothing was judged")
    }
    let size = try kernel.require(.pageSize, in: 32...1024)
    return (seconds(end - start), Double(report.tally.total) * Double(size))
  }

  private static func flags(of path: String) throws -> FlagLayout? {
    let core = try CoreFile(try OpenFile(path))
    let info = try core.vmcoreInfo()
    let kernel = KernelLayout(info)
    // Built machines have no types; their pages are judged without.
    guard var types = try? BTF(of: core, info, kernel) else { return nil }
    return try FlagLayout(&types, of: nil, in: core.source)
  }

  private struct Nobody: FrameVisitor {
    var frames: UInt64 = 0

    mutating func visit(_ run: ReusableRun) -> Bool {
      frames += run.frames.count
      return true
    }

    mutating func startOver() {}
  }
}

/// A duration in seconds.
func seconds(_ duration: Duration) -> Double {
  let (seconds, attoseconds) = duration.components
  return Double(seconds) + Double(attoseconds) * 1e-18
}
