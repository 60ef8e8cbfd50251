// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// Where frames may lie to be lent, whatever their struct pages say.
struct Terrain {
  /// The first frame at 16 MiB.
  static let floor = FrameNumber(0x100_0000 >> Frame.shift)

  private let excluded: [FrameRange]

  init(excluded: [FrameRange]) {
    self.excluded = excluded
  }

  /// The veto that the first frames of `frames` share, or nil where they
  /// have none, and how many they are; at least one.
  func look(
    _ frames: FrameRange,
    _ loads: borrowing LoadTable
  ) -> (veto: Veto?, count: UInt64) {
    let start = frames.start
    func upTo(_ end: FrameNumber) -> UInt64 {
      min(frames.count, end.value - start.value)
    }
    if start < Self.floor { return (.dmaZone, upTo(Self.floor)) }
    guard let run = loads.frames(from: start) else {
      return (.outsideLoad, frames.count)
    }
    if run.start > start { return (.outsideLoad, upTo(run.start)) }
    var clear = upTo(run.end)
    for range in excluded where !range.isEmpty {
      if range.contains(start) { return (.excluded, upTo(range.end)) }
      if range.start > start { clear = min(clear, upTo(range.start)) }
    }
    return (nil, clear)
  }
}
