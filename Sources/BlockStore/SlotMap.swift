// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// A word of 64 bits for 16 slots: in its lower half two bits a slot, slot 0 in
// the lowest, and in its upper half the seal of the lower.
//
//     0  free          1  used
//     2  quarantined   3  watched: free, and its frame carries a canary
//
// A used slot that looked free would be given to another block, or get a
// canary: the store itself would destroy a good copy. So the seal is checked
// before anything is done about a slot, and a word that was damaged is made
// anew out of what the entries say (SlotMap+Rebuild.swift).
//
// The hints of a shelf cut its map into 512 groups of whole words (the last
// ones may be empty); a clear bit says that its group has no free slot. So
// a search passes over full groups 64 at a time, and looks at no more than
// 1/512 of the map in the group where it stops, however full the shelf is.

internal import Memory

/// Which slots of a shelf are free, and where to look for one next.
extension StoreTables {
  static let hints = 512
  /// The lower bit of each of a word's 16 slots.
  static let lowerBits: UInt64 = 0x5555_5555
  /// Both bits of each of them.
  static let stateBits: UInt64 = 0xffff_ffff

  enum SlotState: UInt64 {
    case free = 0
    case used = 1
    case quarantined = 2
    case watched = 3

    var isFree: Bool { self == .free || self == .watched }
  }

  /// Makes all slots of the shelf free.
  mutating func formatSlotMap(_ shelf: Int) {
    for word in 0..<wordsPerMap { put(states: 0, shelf, word: word) }
    put(u32: shape.slotsPerShelf, at: HeaderField.freeSlots(shelf))
    hintAll(shelf)
  }

  /// Says that every group of the shelf may have a free slot.
  mutating func hintAll(_ shelf: Int) {
    let groups = (wordsPerMap + wordsPerHint - 1) / wordsPerHint
    for group in 0..<groups { setHint(shelf, group, true) }
  }

  /// How many slots of the shelf are free.
  func freeSlots(_ shelf: Int) -> UInt32 {
    u32(at: HeaderField.freeSlots(shelf))
  }

  /// Takes the next free slot of the shelf, and says which of the shelf's
  /// slots it is.
  mutating func takeSlot(_ shelf: Int) -> UInt32? {
    if let index = findSlot(shelf) { return take(shelf, index) }
    // The shelf is full if its map says so: the count and the hints are there
    // to be quick, and may be damaged.
    mendMap(shelf, words: 0..<wordsPerMap)
    recount(shelf)
    guard freeSlots(shelf) > 0 else { return nil }
    hintAll(shelf)
    guard let index = findSlot(shelf) else { return nil }
    return take(shelf, index)
  }

  private mutating func findSlot(_ shelf: Int) -> UInt32? {
    guard freeSlots(shelf) > 0 else { return nil }
    // The last slot taken was the one before `next`.
    let next =
      Int(u32(at: HeaderField.nextSlot(shelf))) / StoreShape.slotsPerWord
    let start = next < wordsPerMap ? next : 0
    let group = start / wordsPerHint
    if let index = search(shelf, start..<groupEnd(group)) { return index }
    // Full groups are passed once each: their hints are cleared on the way.
    // The group of the start is the last to be searched, and then whole.
    var candidate = nextHinted(shelf, after: group)
    while let hinted = candidate {
      let first = hinted &* wordsPerHint
      // A damaged hint may be of a group that the shelf has not.
      guard first < wordsPerMap else {
        setHint(shelf, hinted, false)
        candidate = nextHinted(shelf, after: hinted)
        continue
      }
      if let index = search(shelf, first..<groupEnd(hinted)) { return index }
      setHint(shelf, hinted, false)
      candidate = nextHinted(shelf, after: hinted)
    }
    return nil
  }

  /// Takes this slot of the shelf, or says that it is not free.
  mutating func takeSlot(_ shelf: Int, index: UInt32) -> Bool {
    guard state(shelf, index).isFree else { return false }
    _ = take(shelf, index)
    return true
  }

  /// Gives a used slot of the shelf back.
  mutating func giveBack(_ shelf: Int, index: UInt32) {
    guard state(shelf, index) == .used else { return }
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
    guard state(shelf, index).isFree else { return false }
    set(shelf, index, .quarantined)
    put(u32: freeSlots(shelf) &- 1, at: HeaderField.freeSlots(shelf))
    count(.quarantined)
    return true
  }

  /// Puts a used slot of the shelf out of use: no block will have it again.
  mutating func retire(_ shelf: Int, index: UInt32) {
    guard state(shelf, index) == .used else { return }
    set(shelf, index, .quarantined)
    count(.quarantined)
  }

  /// Says that the frame of a free slot carries a canary.
  mutating func watch(_ shelf: Int, index: UInt32) {
    guard state(shelf, index) == .free else { return }
    set(shelf, index, .watched)
  }

  private mutating func take(_ shelf: Int, _ index: UInt32) -> UInt32 {
    set(shelf, index, .used)
    put(u32: freeSlots(shelf) &- 1, at: HeaderField.freeSlots(shelf))
    put(u32: index &+ 1, at: HeaderField.nextSlot(shelf))
    return index
  }

  /// What the map says of the slot; a damaged word is mended first.
  mutating func state(_ shelf: Int, _ index: UInt32) -> SlotState {
    let word = Int(index) / StoreShape.slotsPerWord
    let bits = mendedStates(shelf, word: word) >> shift(index) & 3
    return switch bits {
    case 0: .free
    case 1: .used
    case 2: .quarantined
    default: .watched
    }
  }

  private mutating func set(
    _ shelf: Int,
    _ index: UInt32,
    _ state: SlotState
  ) {
    let word = Int(index) / StoreShape.slotsPerWord
    let others = mendedStates(shelf, word: word) & ~(3 << shift(index))
    put(
      states: others | state.rawValue << shift(index),
      shelf,
      word: word
    )
  }

  private mutating func mendedStates(_ shelf: Int, word: Int) -> UInt64 {
    if let states = states(shelf, word: word) { return states }
    mendMap(shelf, words: word..<(word &+ 1))
    return states(shelf, word: word) ?? 0
  }

  /// The states of 16 slots, or nil where they do not agree with their seal.
  func states(_ shelf: Int, word: Int) -> UInt64? {
    let found = u64(at: mapOffset(shelf, word: word))
    let states = found & Self.stateBits
    return sealed(states, shelf, word: word) == found ? states : nil
  }

  mutating func put(states: UInt64, _ shelf: Int, word: Int) {
    put(
      u64: sealed(states, shelf, word: word),
      at: mapOffset(shelf, word: word)
    )
  }

  private func sealed(_ states: UInt64, _ shelf: Int, word: Int) -> UInt64 {
    let place = UInt64(shelf) << 60 | UInt64(word) << 32
    let mixed = SplitMix64.mixed(mapSeed ^ place ^ states)
    return mixed & ~Self.stateBits | states
  }

  /// The first free slot in these words of the shelf's map.
  private mutating func search(_ shelf: Int, _ words: Range<Int>) -> UInt32? {
    let map = mapOffset(shelf, word: 0)
    for word in words {
      var free = Self.free(u64(at: map &+ word &* 8))
      guard free != 0 else { continue }
      free = Self.free(mendedStates(shelf, word: word))
      guard free != 0 else { continue }
      let index = UInt32(word &* 16 &+ free.trailingZeroBitCount / 2)
      // The last word may have room for more slots than the shelf has.
      return index < shape.slotsPerShelf ? index : nil
    }
    return nil
  }

  /// A lower bit for each slot whose two bits are the same.
  private static func free(_ states: UInt64) -> UInt64 {
    ~(states ^ states >> 1) & lowerBits
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

  mutating func setHint(_ shelf: Int, _ group: Int, _ mayHave: Bool) {
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

  func mapOffset(_ shelf: Int, word: Int) -> Int {
    slotMapsOffset &+ (shelf &* wordsPerMap &+ word) &* 8
  }

  private func shift(_ index: UInt32) -> UInt64 { UInt64(index % 16 &* 2) }
}
