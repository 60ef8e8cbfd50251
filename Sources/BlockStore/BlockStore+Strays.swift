// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Finding copies of which nobody knows any more where they are.
extension BlockStore where Frames: ~Copyable {
  /// Searches the strays for the content with this checksum, where a block's
  /// slot words were damaged; `bytes` hold it then.
  ///
  /// That is for a block which would be lost otherwise: it takes some
  /// milliseconds for 256 MiB of blocks, and longer with many strays.
  mutating func findStray(
    of block: BlockNumber,
    checksum: UInt64,
    into bytes: inout MutableRawSpan
  ) -> (copy: Int, word: SlotWord)? {
    guard checksum != 0 else { return nil }
    let end = tables.shape.slotCount
    var first: UInt32 = 0
    while first < end {
      let count = min(end &- first, StoreTables.marks)
      tables.markNamed(first: first, count: count, except: block)
      for mark in 0..<count where !tables.isMarked(mark) {
        let slot = first &+ mark
        let copy = slot / tables.shape.slotsPerShelf
        let index = slot % tables.shape.slotsPerShelf
        guard !tables.state(Int(copy), index).isFree else { continue }
        frames.read(slot, into: &bytes)
        for generation in 0..<SlotWord.generations {
          let seed = seed(of: block, generation: generation)
          guard Frame.hash(of: bytes.bytes, seed: seed) == checksum
          else { continue }
          return (Int(copy), SlotWord(holding: slot, generation: generation))
        }
      }
      first &+= count
    }
    return nil
  }
}

/// Bits in page 0 for as many slots as it has: which of them are named.
extension StoreTables {
  static let marks = UInt32(Frame.size &* 8)

  /// Marks those of the slots from `first` on that whole entries name; whose
  /// entry is damaged may name anything.
  mutating func markNamed(
    first: UInt32,
    count: UInt32,
    except damaged: BlockNumber
  ) {
    for word in 0..<Frame.size / 8 { put(u64: 0, at: pagesOffset &+ word &* 8) }
    for number in 0..<shape.blocks where number != damaged.value {
      let block = BlockNumber(number)
      let entry = entry(of: block)
      guard entry.isHeld, isSealed(entry, of: block) else { continue }
      for copy in 0..<shape.copies where entry.words[copy].isHeld {
        let mark = entry.words[copy].slot &- first
        guard mark < count else { continue }
        let offset = pagesOffset &+ Int(mark / 64) &* 8
        put(u64: u64(at: offset) | 1 << UInt64(mark % 64), at: offset)
      }
    }
  }

  func isMarked(_ mark: UInt32) -> Bool {
    u64(at: pagesOffset &+ Int(mark / 64) &* 8) >> UInt64(mark % 64) & 1 != 0
  }
}
