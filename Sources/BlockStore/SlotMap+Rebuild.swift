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
    countThin()
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
  mutating func audit() {
    mendHeader()
    if hasStrays {
      rebuildSlotMaps()
    } else {
      countThin()
      recountAll()
    }
  }

  /// Makes a damaged word of the shelf's map anew.
  ///
  /// What is used by nobody's word stays so until the next rebuild, and what
  /// is out of use as well; a canary is not believed in. While an entry is
  /// damaged, any slot may be a stray.
  mutating func mendMap(_ shelf: Int, word: Int) {
    count(.metadataRepaired)
    let first = UInt32(word &* StoreShape.slotsPerWord)
    let claimed = u64(at: mapOffset(shelf, word: word))
    var states = claimed & ~(claimed << 1) & Self.lowerBits << 1
    states |= claimed & ~(claimed >> 1) & Self.lowerBits
    countThin()
    if hasStrays { states |= Self.lowerBits & ~(states >> 1) }
    hasStrays = true
    for number in 0..<shape.blocks {
      let named = slotWord(of: BlockNumber(number), copy: shelf)
      guard named.isHeld, isInShelf(named, shelf) else { continue }
      let index = named.slot &- UInt32(shelf) &* shape.slotsPerShelf &- first
      guard index < StoreShape.slotsPerWord else { continue }
      let shift = UInt64(index &* 2)
      states = states & ~(3 << shift) | SlotState.used.rawValue << shift
    }
    // The last word has room for more slots than the shelf.
    let slots = min(
      UInt32(StoreShape.slotsPerWord),
      shape.slotsPerShelf &- first
    )
    states &= Self.stateBits >> UInt64(32 &- slots &* 2)
    put(states: states, shelf, word: word)
    recount(shelf)
    setHint(shelf, word / wordsPerHint, true)
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
        if states(shelf, word: word) == nil { mendMap(shelf, word: word) }
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
  /// whether there may be strays that somebody needs.
  private mutating func countThin() {
    var thin: UInt64 = 0
    hasStrays = false
    for number in 0..<shape.blocks {
      let block = BlockNumber(number)
      let entry = entry(of: block)
      if !isSealed(entry, of: block) {
        hasStrays = true
      } else if isThin(entry) {
        thin &+= 1
      }
    }
    put(u64: thin, at: HeaderField.thin)
  }
}
