// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How many frames were damaged within the last so many seconds.
///
/// Sixty counts, each of a sixtieth of the window. A frame counts for a
/// window's length at most, and for a sixtieth less at least.
struct DamageWindow: Sendable {
  static let parts = 60

  private var counts = InlineArray<60, UInt64>(repeating: 0)
  private var part: UInt64 = 0
  private let width: UInt64
  /// How many there are.
  private(set) var sum: UInt64 = 0

  /// An empty window of so many nanoseconds.
  init(nanoseconds: UInt64) {
    width = max(1, nanoseconds / UInt64(Self.parts))
  }

  /// Forgets what is too old at `now`, which never goes back.
  mutating func slide(to now: UInt64) {
    let next = now / width
    guard next > part else { return }
    let steps = min(next &- part, UInt64(Self.parts))
    for step in 0..<steps {
      let index = Int((next &- step) % UInt64(Self.parts))
      sum &-= counts[index]
      counts[index] = 0
    }
    part = next
  }

  /// Counts frames that were found damaged at `now`.
  mutating func add(_ frames: UInt64, at now: UInt64) {
    slide(to: now)
    counts[Int(part % UInt64(Self.parts))] &+= frames
    sum &+= frames
  }
}
