// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What the tables keep of one copy, 32 bits:
//
//     31      30 .. 28    27 .. 0
//     held    zero        slot
//
// The three zero bits are room for what a copy may need to remember later
// (that its frame has failed before, a generation).

/// One copy's entry in the tables: the slot that holds it, or nothing.
struct SlotWord: Equatable {
  var bits: UInt32

  static let absent = SlotWord(bits: 0)

  init(bits: UInt32) { self.bits = bits }

  init(holding slot: UInt32) { bits = 1 << 31 | slot }

  /// Whether a copy was stored at all.
  var isHeld: Bool { bits != 0 }

  var slot: UInt32 { bits & (StoreShape.maximumSlots - 1) }
}
