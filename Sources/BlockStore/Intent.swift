// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The one operation that is under way, 40 bytes of the header, for whoever
// goes on after a process that was killed in the middle of it:
//
//     0    4  while an operation is under way the record's own seal, else 0
//     4    4  block
//     8    8  checksum that the block's entry will have
//     16  16  slot words that it will have
//     32   8  zero
//
// Frames and tables change in this order:
//
//     declare   the entry to be
//     write     all frames whose content changes, first copy to last
//     set       the entry, word by word, then its seal
//     settle    the operation is no longer under way
//
// So every other block is whole at any moment. This one is as it was before
// when no frame agrees with the declared entry, and can be finished when one
// does, which is all that `resolve` has to find out.

internal import Memory

/// The record of the operation under way.
extension StoreTables {
  /// Says what the block's entry will be.
  mutating func declare(_ entry: BlockEntry, of block: BlockNumber) {
    put(u32: block.value, at: HeaderField.intent &+ 4)
    put(u64: entry.checksum, at: HeaderField.intent &+ 8)
    for copy in 0..<4 {
      put(
        u32: entry.words[copy].bits,
        at: HeaderField.intent &+ 16 &+ copy &* 4
      )
    }
    Self.keepOrder()
    put(u32: intentSeal(of: entry, block), at: HeaderField.intent)
    Self.keepOrder()
  }

  /// Not zero, and wrong where any part of the record is damaged: to finish
  /// what nobody began would change a block by itself.
  @inline(__always)
  private func intentSeal(of entry: BlockEntry, _ block: BlockNumber) -> UInt32
  {
    let sealed = UInt64(entry.seal(of: block, run: seed)) << 32
    let mixed = SplitMix64.mixed(~seed ^ sealed ^ UInt64(block.value))
    return UInt32(truncatingIfNeeded: mixed >> 32) | 1
  }

  /// Says that nothing is under way.
  mutating func settle() {
    Self.keepOrder()
    put(u32: 0, at: HeaderField.intent)
  }

  /// The operation that was under way when the process before was killed.
  func declared() -> (block: BlockNumber, entry: BlockEntry)? {
    let found = u32(at: HeaderField.intent)
    guard found != 0 else { return nil }
    let block = BlockNumber(u32(at: HeaderField.intent &+ 4))
    guard block.value < shape.blocks else { return nil }
    var entry = BlockEntry.absent
    entry.checksum = u64(at: HeaderField.intent &+ 8)
    for copy in 0..<shape.copies {
      let bits = u32(at: HeaderField.intent &+ 16 &+ copy &* 4)
      entry.words[copy] = SlotWord(bits: bits)
    }
    guard intentSeal(of: entry, block) == found else { return nil }
    return (block, entry)
  }
}
