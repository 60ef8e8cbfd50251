// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// When the scrubber is to take its steps, so that a pass takes a given time.
///
/// A pass goes on evenly over its time: the memory's bandwidth and the
/// processor are the dump's. Times are in nanoseconds of any clock that only
/// goes forward.
public struct ScrubPace: Sendable {
  private let period: UInt64
  private var start: UInt64
  /// Whether there is nothing to do until the pass's time is over.
  public private(set) var isResting: Bool

  /// A pace of one pass in so many nanoseconds, from `now` on; 0 for none.
  public init(period: UInt64, now: UInt64) {
    self.period = period
    start = now
    isResting = period == 0
  }

  /// Whether the pass, which is as far as `progress` of 65536, is behind.
  public mutating func isDue(progress: UInt32, now: UInt64) -> Bool {
    guard period > 0, now >= start else { return false }
    let elapsed = now &- start
    if isResting {
      guard elapsed >= period else { return false }
      // One that took too long is not made up for by haste.
      start = elapsed < 2 &* period ? start &+ period : now
      isResting = false
      return true
    }
    let steps = period >> 16 &+ 1
    return UInt64(progress) < elapsed / steps
  }

  /// Says that the pass is complete: the next one begins when its time is
  /// over.
  public mutating func rest() { isResting = true }
}
