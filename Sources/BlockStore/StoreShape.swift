// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The tables of a store: one region of ordinary memory, zeroed before its
// first use. All numbers are little-endian; there are no pointers inside, so
// that another process can map the region elsewhere and go on.
//
//     0     8  magic "oldmemBS"
//     8     4  version, 2
//     12    4  bytes of this header, 4096
//     16    4  blocks B
//     20    4  copies C, 1 to 4
//     24    4  slots per shelf S
//     28    4  zero
//     32    8  seed of the run
//     40   24  zero
//     64  128  16 counters of 8 bytes (StoreCounters.swift)
//     192   8  events put into the ring since the start
//     200   8  events taken out of it or overwritten
//     208  48  the operation under way (Intent.swift)
//     256  64  4 shelves of 16: next slot to try 4, free slots 4, zero 8
//     320   8  blocks with fewer copies than there are to be
//     328 184  zero
//     512 256  4 hints of 512 bits (SlotMap.swift)
//     768 256  zero
//     1024  2K ring of 64 events of 32 bytes (StoreEvent.swift)
//     3072  1K zero
//     4096     B checksums of 8 bytes
//              B x C slot words of 4 bytes (SlotWord.swift)
//              B seals of 4 bytes (BlockEntry.swift), padded to 8
//              C maps of 4 bits a slot (SlotMap.swift), each padded to 8
//              2 pages for copies that are being looked at
//
// An entry of all zero bits is an absent block: the zeroed region is an empty
// store once the header and the maps are written, and pages of the tables that
// were never needed are never touched.

import Memory

/// How large a store is, and where in its region everything lies.
public struct StoreShape: Equatable, Sendable {
  /// How many logical blocks of 4096 bytes the store has.
  public let blocks: UInt32
  /// How many frames hold each block's content: 1 to 4.
  public let copies: Int
  /// How many slots each copy's shelf has.
  public let slotsPerShelf: UInt32

  /// The most copies that a store can keep of a block.
  public static let maximumCopies = 4
  /// The most slots of all shelves together: what a slot word can name.
  public static let maximumSlots: UInt32 = 1 << 28 - 1

  /// Checks that a store can have this shape, or throws `.shape`.
  ///
  /// There may be fewer slots than blocks: blocks of zeroes need none.
  public init(
    blocks: UInt32,
    copies: Int,
    slotsPerShelf: UInt32
  ) throws(StoreError) {
    guard copies >= 1, copies <= Self.maximumCopies,
      slotsPerShelf <= Self.maximumSlots / UInt32(copies)
    else {
      throw .shape(
        blocks: blocks,
        copies: copies,
        slotsPerShelf: slotsPerShelf
      )
    }
    self.blocks = blocks
    self.copies = copies
    self.slotsPerShelf = slotsPerShelf
  }

  /// The slots of all shelves together.
  public var slotCount: UInt32 { UInt32(copies) * slotsPerShelf }

  /// The bytes of ordinary memory that the tables take: three pages of 4096,
  /// 12 + 4 x copies a block, 4 bits a slot, and up to 7 of padding before and
  /// in each shelf's map.
  public var tableByteCount: Int { pagesOffset + 2 * Frame.size }

  static let headerByteCount = 4096
  static let slotsPerWord = 16

  var slotWordsOffset: Int { Self.headerByteCount + 8 * Int(blocks) }

  var sealsOffset: Int { slotWordsOffset + 4 * copies * Int(blocks) }

  var slotMapsOffset: Int { (sealsOffset + 4 * Int(blocks) + 7) & ~7 }

  var pagesOffset: Int { slotMapsOffset + copies * wordsPerMap * 8 }

  var wordsPerMap: Int {
    (Int(slotsPerShelf) + Self.slotsPerWord - 1) / Self.slotsPerWord
  }
}
