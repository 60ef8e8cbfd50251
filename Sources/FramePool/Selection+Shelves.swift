// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// The shelves as runs of frames, for whoever needs no slots.
extension Selection {
  /// The frames of each shelf, without those of `slots`, which are in order;
  /// all shelves have as many.
  public func shelves(without slots: [UInt32]) -> [[FrameRange]] {
    var shelves = Array(repeating: [FrameRange](), count: copies)
    var next = 0
    for index in runs.indices {
      let shelf = Int(firstSlots[index] / framesPerShelf)
      var slot = firstSlots[index]
      let end = slot + UInt32(runs[index].count)
      while slot < end {
        while next < slots.count, slots[next] < slot { next += 1 }
        let stop = next < slots.count ? min(slots[next], end) : end
        if stop > slot {
          let offset = UInt64(slot - firstSlots[index])
          shelves[shelf].append(
            FrameRange(
              start: FrameNumber(runs[index].start.value + offset),
              count: UInt64(stop - slot)
            )
          )
        }
        slot = stop + 1
      }
    }
    let least = shelves.map { Self.frames(in: $0) }.min() ?? 0
    return shelves.map { Self.prefix(of: $0, frames: least) }
  }

  private static func frames(in runs: [FrameRange]) -> UInt64 {
    var sum: UInt64 = 0
    for run in runs { sum += run.count }
    return sum
  }

  private static func prefix(
    of runs: [FrameRange],
    frames: UInt64
  ) -> [FrameRange] {
    var kept: [FrameRange] = []
    var left = frames
    for run in runs where left > 0 {
      kept.append(FrameRange(start: run.start, count: min(run.count, left)))
      left -= min(run.count, left)
    }
    return kept
  }
}
