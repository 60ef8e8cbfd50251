// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// A second reader of the region that docs/block-format.md draws, so that the
/// store's tables are not judged by the code that keeps them.
struct RegionReader {
  let region: UnsafeMutableRawBufferPointer
  let shape: StoreShape
  let seed: UInt64

  /// The tables in which a fault may be.
  enum Table: CaseIterable {
    case checksums
    case slotWords
    case seals
    case maps
  }

  enum State: UInt64 {
    case free, used, quarantined, watched
    var isFree: Bool { self == .free || self == .watched }
  }

  var copies: Int { shape.copies }

  /// Where the table lies.
  func bytes(of table: Table) -> Range<Int> {
    let blocks = Int(shape.blocks)
    let words = 4096 + 8 * blocks
    let seals = words + 4 * copies * blocks
    let maps = (seals + 4 * blocks + 7) / 8 * 8
    switch table {
    case .checksums: return 4096..<words
    case .slotWords: return words..<seals
    case .seals: return seals..<(seals + 4 * blocks)
    case .maps: return maps..<(maps + copies * wordsPerMap * 8)
    }
  }

  private var wordsPerMap: Int { (Int(shape.slotsPerShelf) + 15) / 16 }

  func u32(_ offset: Int) -> UInt32 {
    region.load(fromByteOffset: offset, as: UInt32.self)
  }

  func u64(_ offset: Int) -> UInt64 {
    region.load(fromByteOffset: offset, as: UInt64.self)
  }

  func isZero(_ bytes: Range<Int>) -> Bool {
    bytes.allSatisfy { region[$0] == 0 }
  }

  func checksum(_ block: UInt32) -> UInt64 {
    u64(bytes(of: .checksums).lowerBound + 8 * Int(block))
  }

  func word(_ block: UInt32, _ copy: Int) -> UInt32 {
    u32(bytes(of: .slotWords).lowerBound + 4 * (Int(block) * copies + copy))
  }

  /// The slots that the block's entry names, of those that there are.
  func slots(_ block: UInt32) -> [UInt32] {
    (0..<copies).compactMap { copy in
      let word = word(block, copy)
      let slot = word & (1 << 28 - 1)
      guard word != 0, slot / shape.slotsPerShelf == UInt32(copy) else {
        return nil
      }
      return slot
    }
  }

  func isHeld(_ block: UInt32) -> Bool {
    (0..<copies).contains { word(block, $0) != 0 }
  }

  /// Whether the entry agrees with its seal.
  func isSealed(_ block: UInt32) -> Bool {
    let found = u32(bytes(of: .seals).lowerBound + 4 * Int(block))
    let sum = checksum(block)
    guard isHeld(block) || sum != 0 else { return found == 0 }
    var mixed = SplitMix64.mixed((seed &+ UInt64(block)) ^ sum)
    for pair in 0..<2 {
      let words = (0..<2).map { copy in
        let copy = 2 * pair + copy
        return copy < copies ? UInt64(word(block, copy)) : 0
      }
      mixed = SplitMix64.mixed(mixed ^ (words[0] | words[1] << 32))
    }
    return found == max(1, UInt32(mixed >> 32))
  }

  func state(_ slot: UInt32) -> State {
    let index = Int(slot % shape.slotsPerShelf)
    let word = Int(slot / shape.slotsPerShelf) * wordsPerMap + index / 16
    let states = u64(bytes(of: .maps).lowerBound + 8 * word)
    let bits = states >> UInt64(index % 16 * 2) & 3
    return State(rawValue: bits) ?? .used
  }

  func freeSlots(_ shelf: Int) -> UInt32 { u32(260 + 16 * shelf) }
}
