// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Two bits a slot, 32 slots in a word of 64 bits, slot 0 in the lowest:
//
//     0  free          1  used
//     2  quarantined   3  not used yet: room for a used slot under suspicion
//
// The hints of a shelf cut its map into 512 groups of whole words (the last
// ones may be empty); a clear bit says that its group has no free slot. So
// a search passes over full groups 64 at a time, and looks at no more than
// 1/512 of the map in the group where it stops, however full the shelf is.

/// Which slots of a shelf are free, and where to look for one next.
extension StoreTables {
  static let hints = 512

  enum SlotState: UInt64 {
    case free = 0
    case used = 1
    case quarantined = 2
  }

  mutating func formatSlotMap(_ shelf: Int) {
    put(u32: shape.slotsPerShelf, at: HeaderField.freeSlots(shelf))
    let groups = (wordsPerMap + wordsPerHint - 1) / wordsPerHint
    for group in 0..<groups { setHint(shelf, group, true) }
  }

  /// Makes all slots of the shelf free but those that are out of use.
  mutating func clearSlotMap(_ shelf: Int) {
    var quarantined: UInt32 = 0
    for word in 0..<wordsPerMap {
      let offset = slotMapsOffset &+ (shelf &* wordsPerMap &+ word) &* 8
      // The upper bit of a slot's two without the lower one.
      let states = u64(at: offset)
      let kept = states & ~(states << 1) & 0xaaaa_aaaa_aaaa_aaaa
      put(u64: kept, at: offset)
      quarantined &+= UInt32(kept.nonzeroBitCount)
    }
    formatSlotMap(shelf)
    let free = shape.slotsPerShelf &- quarantined
    put(u32: free, at: HeaderField.freeSlots(shelf))
  }

  /// How many slots of the shelf are free.
  func freeSlots(_ shelf: Int) -> UInt32 {
    u32(at: HeaderField.freeSlots(shelf))
  }

  /// Takes the next free slot of the shelf, and says which of the shelf's
  /// slots it is.
  mutating func takeSlot(_ shelf: Int) -> UInt32? {
    guard freeSlots(shelf) > 0 else { return nil }
    // The last slot taken was the one before `next`.
    let next =
      Int(u32(at: HeaderField.nextSlot(shelf))) / StoreShape.slotsPerWord
    let start = next < wordsPerMap ? next : 0
    let group = start / wordsPerHint
    if let index = search(shelf, start..<groupEnd(group)) {
      return take(shelf, index)
    }
    // Full groups are passed once each: their hints are cleared on the way.
    // The group of the start is the last to be searched, and then whole.
    var candidate = nextHinted(shelf, after: group)
    while let hinted = candidate {
      let first = hinted &* wordsPerHint
      if let index = search(shelf, first..<groupEnd(hinted)) {
        return take(shelf, index)
      }
      setHint(shelf, hinted, false)
      candidate = nextHinted(shelf, after: hinted)
    }
    return nil
  }

  /// Takes this slot of the shelf, or says that it is not free.
  mutating func takeSlot(_ shelf: Int, index: UInt32) -> Bool {
    guard state(shelf, index) == SlotState.free.rawValue else { return false }
    _ = take(shelf, index)
    return true
  }

  /// Gives a used slot of the shelf back.
  mutating func giveBack(_ shelf: Int, index: UInt32) {
    guard state(shelf, index) == SlotState.used.rawValue else { return }
    set(shelf, index, .free)
    put(u32: freeSlots(shelf) &+ 1, at: HeaderField.freeSlots(shelf))
    setHint(
      shelf,
      Int(index) / StoreShape.slotsPerWord / wordsPerHint,
      true
    )
  }

  /// Puts a free slot of the shelf out of use, or says that it is not free.
  ///
  /// Its group's hint stays as it is: a search that finds nothing clears it.
  mutating func quarantine(_ shelf: Int, index: UInt32) -> Bool {
    guard state(shelf, index) == SlotState.free.rawValue else { return false }
    set(shelf, index, .quarantined)
    put(u32: freeSlots(shelf) &- 1, at: HeaderField.freeSlots(shelf))
    count(.quarantined)
    return true
  }

  private mutating func take(_ shelf: Int, _ index: UInt32) -> UInt32 {
    set(shelf, index, .used)
    put(u32: freeSlots(shelf) &- 1, at: HeaderField.freeSlots(shelf))
    put(u32: index &+ 1, at: HeaderField.nextSlot(shelf))
    return index
  }

  private func state(_ shelf: Int, _ index: UInt32) -> UInt64 {
    u64(at: mapOffset(shelf, index)) >> shift(index) & 3
  }

  private mutating func set(
    _ shelf: Int,
    _ index: UInt32,
    _ state: SlotState
  ) {
    let offset = mapOffset(shelf, index)
    let others = u64(at: offset) & ~(3 << shift(index))
    put(u64: others | state.rawValue << shift(index), at: offset)
  }

  /// The first free slot in these words of the shelf's map.
  private func search(_ shelf: Int, _ words: Range<Int>) -> UInt32? {
    let map = slotMapsOffset &+ shelf &* wordsPerMap &* 8
    for word in words {
      let states = u64(at: map &+ word &* 8)
      // A lower bit for each slot whose two bits are both clear.
      let free = ~(states | states >> 1) & 0x5555_5555_5555_5555
      guard free != 0 else { continue }
      let index = UInt32(word &* 32 &+ free.trailingZeroBitCount / 2)
      // The last word may have room for more slots than the shelf has.
      return index < shape.slotsPerShelf ? index : nil
    }
    return nil
  }

  /// The next group after `group`, round to itself, that may have a free
  /// slot.
  private func nextHinted(_ shelf: Int, after group: Int) -> Int? {
    let first = group &+ 1
    for step in 0...(Self.hints / 64) {
      let word = (first / 64 &+ step) % (Self.hints / 64)
      var bits = u64(at: hintOffset(shelf, word &* 64))
      // The word of the start is looked at twice: its upper part first, its
      // lower part when the round is complete.
      if step == 0 { bits &= ~0 << UInt64(first % 64) }
      if bits != 0 { return word &* 64 &+ bits.trailingZeroBitCount }
    }
    return nil
  }

  private mutating func setHint(_ shelf: Int, _ group: Int, _ mayHave: Bool) {
    let offset = hintOffset(shelf, group)
    let bit: UInt64 = 1 << UInt64(group % 64)
    let bits = u64(at: offset)
    put(u64: mayHave ? bits | bit : bits & ~bit, at: offset)
  }

  private func groupEnd(_ group: Int) -> Int {
    min(wordsPerMap, (group &+ 1) &* wordsPerHint)
  }

  private func hintOffset(_ shelf: Int, _ group: Int) -> Int {
    HeaderField.hints(shelf) &+ group / 64 &* 8
  }

  private func mapOffset(_ shelf: Int, _ index: UInt32) -> Int {
    let word = Int(index) / StoreShape.slotsPerWord
    return slotMapsOffset &+ (shelf &* wordsPerMap &+ word) &* 8
  }

  private func shift(_ index: UInt32) -> UInt64 { UInt64(index % 32 &* 2) }
}
