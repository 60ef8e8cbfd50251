// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What the tables keep of one copy, 32 bits:
//
//     31      30         29 .. 28      27 .. 0
//     held    suspect    generation    slot
//
// All zero is "no copy", all ones, a slot that no store has, a lost copy. The
// generation is the same in all copies of a block and counts its writes,
// modulo 4.

/// One copy's entry in the tables: the slot that holds it, or nothing.
struct SlotWord: Equatable {
  var bits: UInt32

  static let absent = SlotWord(bits: 0)
  /// The word of a copy of which nobody knows any more where it is.
  static let nowhere = SlotWord(bits: .max)
  /// How many generations are told apart.
  static let generations: UInt32 = 4

  init(bits: UInt32) { self.bits = bits }

  init(holding slot: UInt32, generation: UInt32) {
    bits = 1 << 31 | (generation & 3) << 28 | slot
  }

  /// Whether a copy was stored at all.
  var isHeld: Bool { bits != 0 }

  var slot: UInt32 { bits & (1 << 28 - 1) }

  /// Which write of the block the copy is of, modulo 4.
  var generation: UInt32 { bits >> 28 & 3 }

  /// The same copy of another write.
  func of(generation: UInt32) -> SlotWord {
    SlotWord(bits: bits & ~(3 << 28) | (generation & 3) << 28)
  }

  /// Whether the frame has changed by itself before; the next time it is
  /// given up.
  var isSuspect: Bool { bits & 1 << 30 != 0 }

  /// The same copy, with what happened to its frame remembered.
  var suspected: SlotWord { SlotWord(bits: bits | 1 << 30) }
}
