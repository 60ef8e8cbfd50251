// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The order in which frames and tables change, chosen so that a process that
// is killed between any two steps leaves a store that another one can read:
//
//     place     take slots, write all frames, checksum, slot words
//     overwrite write the first frame, checksum, write the other frames
//     release   clear slot words, give slots back
//
// Until the slot words are there the block is absent, as before. While it is
// overwritten one copy at least agrees with the checksum: the old content in
// the later copies before the checksum is set, the new one in the first copy
// after it. (With a single copy, and where the later copies were damaged
// before, the block reads as damaged until the write, which nobody has been
// told is done, is made again.) What can be left behind is slots that are
// used and that no block names, a free count or a hint that is out of date,
// and a block with fewer copies than others. Slot words, checksums and the
// slots that the maps have as quarantined are the truth: the rest of the
// maps, counts and hints can be built anew from them.

internal import Memory

extension BlockStore where Frames: ~Copyable {
  /// Whether any frame holds the block; without one it reads as zeroes.
  func isHeld(_ block: BlockNumber) -> Bool {
    for copy in 0..<tables.shape.copies {
      if tables.slotWord(of: block, copy: copy).isHeld { return true }
    }
    return false
  }

  /// Whether the entry names a slot of the copy's own shelf, as all do that
  /// the store made.
  func isInShelf(_ word: SlotWord, _ copy: Int) -> Bool {
    let first = UInt32(copy) &* tables.shape.slotsPerShelf
    return word.slot &- first < tables.shape.slotsPerShelf
  }

  /// Gives an absent block its frames and content; false when a shelf is
  /// full.
  mutating func place(
    _ block: BlockNumber,
    from bytes: RawSpan,
    _ checksum: UInt64
  ) -> Bool {
    guard let slots = takeSlots() else { return false }
    for copy in 0..<tables.shape.copies {
      frames.write(slots[copy], from: bytes)
    }
    tables.setChecksum(checksum, of: block)
    StoreTables.keepOrder()
    for copy in 0..<tables.shape.copies {
      tables.setSlotWord(
        SlotWord(holding: slots[copy]),
        of: block,
        copy: copy
      )
    }
    return true
  }

  /// Replaces the content of a block that has frames.
  mutating func overwrite(
    _ block: BlockNumber,
    from bytes: RawSpan,
    _ checksum: UInt64
  ) {
    var isFirst = true
    for copy in 0..<tables.shape.copies {
      let word = tables.slotWord(of: block, copy: copy)
      guard word.isHeld, isInShelf(word, copy) else { continue }
      frames.write(word.slot, from: bytes)
      guard isFirst else { continue }
      isFirst = false
      StoreTables.keepOrder()
      tables.setChecksum(checksum, of: block)
      StoreTables.keepOrder()
    }
  }

  /// Writes good bytes over the copies that were not.
  mutating func rewrite(
    _ block: BlockNumber,
    copies: Range<Int>,
    from bytes: RawSpan
  ) {
    for copy in copies {
      let word = tables.slotWord(of: block, copy: copy)
      guard word.isHeld, isInShelf(word, copy) else { continue }
      frames.write(word.slot, from: bytes)
      tables.count(.repaired)
    }
  }

  /// Makes the block absent.
  mutating func release(_ block: BlockNumber) {
    for copy in 0..<tables.shape.copies {
      let word = tables.slotWord(of: block, copy: copy)
      guard word.isHeld else { continue }
      tables.setSlotWord(.absent, of: block, copy: copy)
      StoreTables.keepOrder()
      guard isInShelf(word, copy) else { continue }
      tables.giveBack(
        copy,
        index: word.slot &- UInt32(copy) &* tables.shape.slotsPerShelf
      )
    }
  }

  /// One slot of each shelf: the same one in all, where it is free, so that
  /// the copies lie as far apart as the shelves do.
  private mutating func takeSlots() -> InlineArray<4, UInt32>? {
    var slots = InlineArray<4, UInt32>(repeating: 0)
    let size = tables.shape.slotsPerShelf
    guard let wanted = tables.takeSlot(0) else { return nil }
    slots[0] = wanted
    for shelf in 1..<max(1, tables.shape.copies) {
      let index =
        tables.takeSlot(shelf, index: wanted)
        ? wanted : tables.takeSlot(shelf)
      guard let index else {
        for taken in 0..<shelf {
          tables.giveBack(taken, index: slots[taken] &- UInt32(taken) &* size)
        }
        return nil
      }
      slots[shelf] = UInt32(shelf) &* size &+ index
    }
    return slots
  }
}

extension MutableRawSpan {
  /// Makes all bytes zero.
  @_lifetime(self: copy self)
  mutating func zero() {
    unsafe withUnsafeMutableBytes { bytes in
      // SAFETY: the span's own bytes; any bytes may be zero.
      _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }
}
