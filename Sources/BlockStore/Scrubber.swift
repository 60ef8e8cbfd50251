// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Where the scrubber is, and what it has to look at before it goes on.
///
/// Hardware that has overwritten one frame has often overwritten those beside
/// it, so a damaged frame makes its neighbours suspect. Each finding widens
/// the stretch by as much as it is long, so a burst of any length is found
/// whole in few rounds.
struct Scrubber {
  /// Blocks 0 to B - 1, then slots 0 to S - 1.
  var position: UInt64 = 0
  /// How often the audit at the end of this pass was given up.
  private var interruptions = 0
  private var stretches = InlineArray<4, Stretch?>(repeating: nil)

  /// Slots side by side that are to be looked at, and those of them that have
  /// been.
  struct Stretch {
    var first: UInt32
    var last: UInt32
    /// What the round under way looks for.
    var roundFirst: UInt32
    var roundLast: UInt32
    /// What the rounds before have looked at.
    var done: ClosedRange<UInt32>?
    /// How far the round is: blocks, then slots.
    var position: UInt64 = 0

    init(first: UInt32, last: UInt32) {
      self.first = first
      self.last = last
      roundFirst = first
      roundLast = last
    }

    /// Whether the round under way is to look at the slot.
    func wants(_ slot: UInt32) -> Bool {
      guard slot >= roundFirst, slot <= roundLast else { return false }
      guard let done else { return true }
      return !done.contains(slot)
    }

    /// Ends a round; false when there is nothing left to look at.
    mutating func beginRound() -> Bool {
      done = roundFirst...roundLast
      guard first < roundFirst || last > roundLast else { return false }
      roundFirst = first
      roundLast = last
      position = 0
      return true
    }
  }

  static let margin: UInt32 = 16
  static let interruptionsBorne = 64

  mutating func beginPass() {
    position = 0
    interruptions = 0
  }

  /// Notes that the audit was given up; true when it has to wait for the next
  /// pass, for one that never came to its end would look at no frame again.
  mutating func putsOff() -> Bool {
    interruptions &+= 1
    return interruptions >= Self.interruptionsBorne
  }

  /// Whether damage was found whose neighbours have not been looked at yet.
  @inline(__always)
  var isSuspicious: Bool {
    for index in 0..<4 where stretches[index] != nil { return true }
    return false
  }

  /// The stretch to look at next.
  var stretch: Stretch? {
    get {
      for index in 0..<4 {
        if let stretch = stretches[index] { return stretch }
      }
      return nil
    }
    set {
      for index in 0..<4 where stretches[index] != nil {
        stretches[index] = newValue
        return
      }
    }
  }

  /// Makes the slots on both sides of a damaged one suspect.
  ///
  /// With four stretches under way already, a fifth waits for the pass.
  mutating func suspect(around slot: UInt32, of slotCount: UInt32) {
    // A damaged entry may name a slot that there is none of.
    guard slot < slotCount else { return }
    var free: Int?
    for index in 0..<4 {
      guard let stretch = stretches[index] else {
        if free == nil { free = index }
        continue
      }
      let width = max(Self.margin, stretch.last &- stretch.first)
      let wider = Self.clamped(stretch.first, stretch.last, width, slotCount)
      guard wider.contains(slot) else { continue }
      // In the middle of a stretch it says nothing about the ends.
      if UInt64(slot) < UInt64(stretch.first) + UInt64(Self.margin) {
        stretches[index]?.first = wider.lowerBound
      }
      if UInt64(slot) + UInt64(Self.margin) > UInt64(stretch.last) {
        stretches[index]?.last = wider.upperBound
      }
      return
    }
    guard let free else { return }
    let range = Self.clamped(slot, slot, Self.margin, slotCount)
    stretches[free] = Stretch(first: range.lowerBound, last: range.upperBound)
  }

  private static func clamped(
    _ first: UInt32,
    _ last: UInt32,
    _ width: UInt32,
    _ slotCount: UInt32
  ) -> ClosedRange<UInt32> {
    let end = min(UInt64(last) + UInt64(width), UInt64(slotCount) - 1)
    return (first > width ? first &- width : 0)...UInt32(clamping: end)
  }
}
