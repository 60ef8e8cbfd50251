// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Stretches of damaged frames that lie next to each other.
///
/// A device that writes where it should not does so in one stretch. Sixteen
/// are remembered; the one that has not grown for longest gives way. Frames
/// count as neighbours when their slots are, within one shelf.
struct DamageRuns: Sendable {
  /// The slots from `first` up to before `end`; none when both are equal.
  private struct Run: Sendable {
    var first: UInt32 = 0
    var end: UInt32 = 0
    var grown: UInt64 = 0

    var count: UInt32 { end &- first }
  }

  static let capacity = 16

  private var runs = InlineArray<16, Run>(repeating: Run())
  private let slotsPerShelf: UInt32

  init(slotsPerShelf: UInt32) { self.slotsPerShelf = max(1, slotsPerShelf) }

  /// How many frames the longest stretch has.
  var longest: UInt64 {
    var longest: UInt32 = 0
    for index in 0..<Self.capacity {
      longest = max(longest, runs[index].count)
    }
    return UInt64(longest)
  }

  /// Forgets the stretches that have not grown after `time`.
  mutating func forget(upTo time: UInt64) {
    for index in 0..<Self.capacity where runs[index].grown <= time {
      runs[index] = Run()
    }
  }

  /// Notes that the frame of this slot was damaged at `now`.
  mutating func note(_ slot: UInt32, at now: UInt64) {
    guard slot < .max else { return }
    var oldest = 0
    for index in 0..<Self.capacity {
      let run = runs[index]
      if run.count > 0, slot >= run.first, slot < run.end { return }
      if run.grown < runs[oldest].grown || run.count == 0 { oldest = index }
    }
    var new = Run(first: slot, end: slot &+ 1, grown: now)
    var place = oldest
    // It may close the gap between two.
    for index in 0..<Self.capacity where runs[index].count > 0 {
      let run = runs[index]
      if run.end == new.first, joins(new.first) {
        new.first = run.first
      } else if run.first == new.end, joins(run.first) {
        new.end = run.end
      } else {
        continue
      }
      runs[index] = Run()
      place = index
    }
    runs[place] = new
  }

  /// Whether the slot before this one is in the same shelf.
  private func joins(_ slot: UInt32) -> Bool { slot % slotsPerShelf != 0 }
}
