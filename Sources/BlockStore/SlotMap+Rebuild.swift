// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The maps, counts and hints out of what the entries say.
extension StoreTables {
  /// Builds anew what a killed process may have left half done.
  ///
  /// Used is what an entry names; quarantine and canaries are remembered by
  /// the maps alone and stay.
  mutating func rebuildSlotMaps() {
    for shelf in 0..<shape.copies {
      forgetUse(shelf)
      formatSlotMap(shelf)
    }
    var thin: UInt64 = 0
    for number in 0..<shape.blocks {
      let entry = self.entry(of: BlockNumber(number))
      guard entry.isHeld else { continue }
      if isThin(entry) { thin &+= 1 }
      for copy in 0..<shape.copies {
        let word = entry.words[copy]
        guard word.isHeld, isInShelf(word, copy) else { continue }
        let index = word.slot &- UInt32(copy) &* shape.slotsPerShelf
        _ = takeSlot(copy, index: index)
      }
    }
    put(u64: thin, at: HeaderField.thin)
    var quarantined: UInt64 = 0
    for shelf in 0..<shape.copies {
      let number = quarantinedSlots(shelf)
      put(u32: freeSlots(shelf) &- number, at: HeaderField.freeSlots(shelf))
      quarantined &+= UInt64(number)
    }
    put(u64: quarantined, at: HeaderField.counter(.quarantined))
  }

  /// Makes all used slots of the shelf free, 32 at a time.
  private mutating func forgetUse(_ shelf: Int) {
    for word in 0..<wordsPerMap {
      let offset = slotMapsOffset &+ (shelf &* wordsPerMap &+ word) &* 8
      let states = u64(at: offset)
      let used = states & ~(states >> 1) & Self.lowerBits
      if used != 0 { put(u64: states & ~used, at: offset) }
    }
  }

  private func quarantinedSlots(_ shelf: Int) -> UInt32 {
    var count = 0
    for word in 0..<wordsPerMap {
      let states = u64(
        at: slotMapsOffset &+ (shelf &* wordsPerMap &+ word) &* 8
      )
      let quarantined = states >> 1 & ~states & Self.lowerBits
      count &+= quarantined.nonzeroBitCount
    }
    return UInt32(truncatingIfNeeded: count)
  }
}
