// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import Memory
internal import MemoryMap
internal import PageClasses
internal import VMCore

/// The search that is measured: from the open file to 512 MiB of frames.
///
/// It runs in a process of its own, once, as it would in a capture kernel;
/// headers, VMCOREINFO and sections are part of what is timed.
enum Find {
  static let wanted: UInt64 = (512 << 20) >> Frame.shift

  /// Seconds until the frames of `path` were found.
  static func time(_ path: String) throws -> Double {
    let file = try OpenFile(path)
    var taken = Taken()
    let clock = ContinuousClock()
    let start = clock.now
    let core = try CoreFile(file)
    let layout = KernelLayout(try core.vmcoreInfo())
    guard let level = DumpLevel(31) else { return .nan }
    let policy = SearchPolicy(
      dumpLevel: level,
      collector: Collector(version: .init(1, 7, 2)),
      classes: .free
    )
    let report = try FrameSearch.search(core, layout, policy, &taken)
    let end = clock.now
    guard taken.frames >= wanted, !report.isLinear else {
      throw BenchError("\(path): only \(taken.frames) frames on the lists")
    }
    let (seconds, attoseconds) = (end - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  private struct Taken: FrameVisitor {
    var runs: [FrameRange] = []
    var frames: UInt64 = 0

    mutating func visit(_ run: ReusableRun) -> Bool {
      runs.append(run.frames)
      frames += run.frames.count
      return frames < wanted
    }

    mutating func startOver() {
      runs = []
      frames = 0
    }
  }
}
