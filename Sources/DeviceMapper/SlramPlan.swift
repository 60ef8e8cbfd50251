// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

// slram takes stretches of physical memory as parameters when it is loaded:
//
//     map=NAME,START,+LENGTH,NAME,START,+LENGTH
//
// Lengths are multiples of 16 KiB, and as a module it has room for two of them
// (SLRAM_BLK_SZ and SLRAM_MAX_DEVICES_PARAMS in drivers/mtd/devices/slram.c).

/// The stretches of memory that slram is to show.
public enum SlramPlan {
  /// How many it can show.
  public static let limit = 2
  /// Their lengths are multiples of so many frames.
  static let unit: UInt64 = 4

  /// The stretches without anything in use that have most of `chosen` in them,
  /// each no longer than from the first to the last frame of those.
  ///
  /// - Parameters:
  ///   - chosen: runs of frames, in order of address.
  ///   - taken: what this kernel knows a use for, in any order.
  public static func ranges(
    covering chosen: [FrameRange],
    without taken: [FrameRange]
  ) -> [FrameRange] {
    var stretches: [(range: FrameRange, frames: UInt64)] = []
    for run in chosen where !run.isEmpty {
      if let last = stretches.last {
        let both = FrameRange(
          start: last.range.start,
          count: run.end.value - last.range.start.value
        )
        if isFree(rounded(both), taken) {
          stretches[stretches.count - 1] = (both, last.frames + run.count)
          continue
        }
      }
      if isFree(rounded(run), taken) { stretches.append((run, run.count)) }
    }
    while stretches.count > limit {
      var least = 0
      for index in stretches.indices
      where stretches[index].frames <= stretches[least].frames { least = index }
      stretches.remove(at: least)
    }
    return stretches.map { rounded($0.range) }
  }

  /// The name of the stretch number `index`.
  public static func name(_ index: Int) -> Line { "oldmem\(index)" }

  /// What slram is loaded with.
  public static func parameters(_ ranges: [FrameRange]) -> Path {
    var line: Line = "map="
    for (index, range) in ranges.enumerated() {
      let first = range.start.value << Frame.shift
      let bytes = range.count << Frame.shift
      if index > 0 { line.append(",") }
      line.append(line: name(index))
      line.append(line: ",\(hex: first),+\(hex: bytes)")
    }
    return Path(line)
  }

  private static func rounded(_ range: FrameRange) -> FrameRange {
    let start = range.start.value / unit * unit
    let end = (range.end.value + unit - 1) / unit * unit
    return FrameRange(start: FrameNumber(start), count: end - start)
  }

  private static func isFree(
    _ range: FrameRange,
    _ taken: [FrameRange]
  ) -> Bool {
    for other in taken where other.overlaps(range) { return false }
    return true
  }
}
