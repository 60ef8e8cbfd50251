// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Entries as a whole.
extension StoreTables {
  /// What the tables say of the block, whether or not its seal agrees.
  func entry(of block: BlockNumber) -> BlockEntry {
    var entry = BlockEntry.absent
    entry.checksum = checksum(of: block)
    for copy in 0..<shape.copies {
      entry.words[copy] = slotWord(of: block, copy: copy)
    }
    return entry
  }

  /// Whether the entry is the one that was stored for the block.
  func isSealed(_ entry: BlockEntry, of block: BlockNumber) -> Bool {
    entry.seal(of: block, run: seed) == seal(of: block)
  }

  /// Whether the block holds nothing: its slot words and its seal say so.
  @inline(__always)
  func isAbsent(_ block: BlockNumber) -> Bool {
    for copy in 0..<shape.copies
    where slotWord(of: block, copy: copy).isHeld { return false }
    return seal(of: block) == 0
  }

  /// Whether the tables hold nothing but zeroes of the block.
  @inline(__always)
  func isEmpty(_ block: BlockNumber) -> Bool {
    isAbsent(block) && checksum(of: block) == 0
  }

  /// Stores the entry and its seal; who is killed meanwhile has declared it.
  mutating func set(_ entry: BlockEntry, of block: BlockNumber) {
    let before = self.entry(of: block)
    let isKnown = !isThin(before) || isSealed(before, of: block)
    setChecksum(entry.checksum, of: block)
    for copy in 0..<shape.copies where before.words[copy] != entry.words[copy] {
      setSlotWord(entry.words[copy], of: block, copy: copy)
    }
    setSeal(entry.seal(of: block, run: seed), of: block)
    // Of a damaged entry nobody knows how many copies it had: all, mostly.
    let was = isThin(before) && isKnown
    let now = isThin(entry)
    guard was != now else { return }
    let thin = u64(at: HeaderField.thin)
    put(u64: now ? thin &+ 1 : thin &- 1, at: HeaderField.thin)
  }

  /// Whether the block is held by fewer copies than there are to be.
  func isThin(_ entry: BlockEntry) -> Bool {
    let copies = entry.copies
    return copies > 0 && copies < shape.copies
  }

  /// Whether the slot is one of the copy's own shelf, as all are that the
  /// store put into an entry.
  func isInShelf(_ word: SlotWord, _ copy: Int) -> Bool {
    let first = UInt32(copy) &* shape.slotsPerShelf
    return word.slot &- first < shape.slotsPerShelf
  }

  /// Whether the word's slot, one of the copy's shelf, was put out of use and
  /// is named still: by a process that was killed before it named another.
  mutating func isOut(_ word: SlotWord, _ copy: Int) -> Bool {
    let index = word.slot &- UInt32(copy) &* shape.slotsPerShelf
    return state(copy, index) == .quarantined
  }

  /// Gives a slot of the copy's shelf back; one whose frame has changed by
  /// itself is put out of use instead.
  mutating func giveBack(_ word: SlotWord, copy: Int) {
    guard word.isHeld, isInShelf(word, copy) else { return }
    let index = word.slot &- UInt32(copy) &* shape.slotsPerShelf
    if word.isSuspect {
      retire(copy, index: index)
    } else {
      giveBack(copy, index: index)
    }
  }

  /// Takes a slot of the copy's shelf, the one of this index if that is free.
  mutating func takeWord(
    copy: Int,
    near index: UInt32?,
    generation: UInt32
  ) -> SlotWord {
    var taken: UInt32?
    if let index, index < shape.slotsPerShelf, takeSlot(copy, index: index) {
      taken = index
    }
    guard let taken = taken ?? takeSlot(copy) else { return .absent }
    return SlotWord(
      holding: UInt32(copy) &* shape.slotsPerShelf &+ taken,
      generation: generation
    )
  }
}
