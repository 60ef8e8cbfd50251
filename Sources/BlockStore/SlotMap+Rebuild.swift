// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Used is what an entry names. Quarantine and canaries are remembered by the
// maps alone. Slots that are used and that no entry names are strays: a
// killed process had taken them, or an entry that named them was damaged.
// While there are damaged entries a stray may be a block's last copy, for
// which mend searches; only without any are strays made free.

/// The maps, counts and hints out of what the entries say.
extension StoreTables {
  /// Builds anew what a killed process may have left half done.
  mutating func rebuildSlotMaps() {
    for shelf in 0..<shape.copies { mendMap(shelf, words: 0..<wordsPerMap) }
    _ = countThin()
    for shelf in 0..<shape.copies { forget(shelf) }
    for number in 0..<shape.blocks {
      let block = BlockNumber(number)
      for copy in 0..<shape.copies {
        let word = slotWord(of: block, copy: copy)
        guard word.isHeld, isInShelf(word, copy) else { continue }
        let index = word.slot &- UInt32(copy) &* shape.slotsPerShelf
        _ = takeSlot(copy, index: index)
      }
    }
    recountAll()
  }

  /// What is done once a scrub pass: the header, counts and hints are as they
  /// should be afterwards, and strays are free again.
  ///
  /// False when it was given up, because somebody waits. Once damage of the
  /// tables has left strays, it goes on to the end.
  mutating func audit(unless isAsked: () -> Bool) -> Bool {
    mendHeader()
    for shelf in 0..<shape.copies {
      for first in stride(from: 0, to: wordsPerMap, by: Self.auditedAtOnce) {
        guard !isAsked() else { return false }
        let end = min(wordsPerMap, first &+ Self.auditedAtOnce)
        mendMap(shelf, words: first..<end)
      }
    }
    guard !hasStrays else {
      rebuildSlotMaps()
      return true
    }
    guard countThin(unless: isAsked) else { return false }
    recountAll()
    return true
  }

  /// How many words of a map or entries are looked at between two looks
  /// whether somebody waits.
  private static var auditedAtOnce: Int { 256 }

  /// Makes those of the words of the shelf's map anew that are damaged.
  ///
  /// Used is what an entry names, and the slot that was taken last, for it may
  /// not be named yet; while an entry is damaged every slot, for any may be a
  /// stray. What was out of use or had a canary is forgotten: a bad frame is
  /// found out again, a good one that looks bad never is.
  mutating func mendMap(_ shelf: Int, words: Range<Int>) {
    var damaged = 0
    for word in words where states(shelf, word: word) == nil {
      if damaged == 0 { _ = countThin() }
      damaged &+= 1
      count(.metadataRepaired)
      let all = hasStrays ? Self.lowerBits & slotMask(word) : 0
      put(states: all, shelf, word: word)
      setHint(shelf, word / wordsPerHint, true)
    }
    guard damaged > 0 else { return }
    for number in 0..<shape.blocks {
      let named = slotWord(of: BlockNumber(number), copy: shelf)
      guard named.isHeld, isInShelf(named, shelf) else { continue }
      claim(shelf, named.slot &- UInt32(shelf) &* shape.slotsPerShelf)
    }
    let last = u32(at: HeaderField.nextSlot(shelf)) &- 1
    if last < shape.slotsPerShelf { claim(shelf, last) }
    hasStrays = true
    recount(shelf)
  }

  /// Makes a slot used that looks free.
  private mutating func claim(_ shelf: Int, _ index: UInt32) {
    let word = Int(index) / StoreShape.slotsPerWord
    let shift = UInt64(index) % 16 &* 2
    guard let states = states(shelf, word: word) else { return }
    let state = states >> shift & 3
    guard state != SlotState.used.rawValue,
      state != SlotState.quarantined.rawValue
    else { return }
    let others = states & ~(3 << shift)
    put(states: others | SlotState.used.rawValue << shift, shelf, word: word)
  }

  /// The bits of those slots of the word that the shelf has.
  private func slotMask(_ word: Int) -> UInt64 {
    let first = UInt32(word &* StoreShape.slotsPerWord)
    let count = min(16, shape.slotsPerShelf &- first)
    return Self.stateBits >> UInt64(32 &- count &* 2)
  }

  /// Counts the shelf's free slots.
  mutating func recount(_ shelf: Int) {
    var taken = 0
    for word in 0..<wordsPerMap {
      let states = u64(at: mapOffset(shelf, word: word))
      taken &+= ((states ^ states >> 1) & Self.lowerBits).nonzeroBitCount
    }
    let free = shape.slotsPerShelf &- UInt32(truncatingIfNeeded: taken)
    put(u32: free, at: HeaderField.freeSlots(shelf))
  }

  private mutating func recountAll() {
    var quarantined: UInt64 = 0
    for shelf in 0..<shape.copies {
      for word in 0..<wordsPerMap {
        let states = u64(at: mapOffset(shelf, word: word))
        let out = states >> 1 & ~states & Self.lowerBits
        quarantined &+= UInt64(out.nonzeroBitCount)
      }
      recount(shelf)
      hintAll(shelf)
    }
    put(u64: quarantined, at: HeaderField.counter(.quarantined))
  }

  /// Makes used slots of the shelf free, unless an entry is damaged.
  private mutating func forget(_ shelf: Int) {
    for word in 0..<wordsPerMap {
      guard !hasStrays, let states = states(shelf, word: word) else { continue }
      let used = states & ~(states >> 1) & Self.lowerBits
      if used != 0 { put(states: states & ~used, shelf, word: word) }
    }
  }

  /// Counts the blocks with fewer copies than there are to be, and finds out
  /// whether there may be strays that somebody needs; false, with nothing
  /// changed, when somebody waits.
  private mutating func countThin(
    unless isAsked: () -> Bool = { false }
  ) -> Bool {
    var thin: UInt64 = 0
    var found = false
    for number in 0..<shape.blocks {
      if number % UInt32(Self.auditedAtOnce) == 0, isAsked() { return false }
      let block = BlockNumber(number)
      let entry = entry(of: block)
      if !isSealed(entry, of: block) {
        found = true
      } else if isThin(entry) {
        thin &+= 1
      }
    }
    hasStrays = found
    put(u64: thin, at: HeaderField.thin)
    return true
  }
}
