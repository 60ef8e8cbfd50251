// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Where the header's fields lie: the table in StoreShape.swift as numbers.
enum HeaderField {
  /// What a region begins with, as a little-endian number.
  static let oldmemBS: UInt64 = 0x5342_6d65_6d64_6c6f
  /// The version that this code reads and writes.
  static let newest: UInt32 = 2

  static let magic = 0
  static let version = 8
  static let headerByteCount = 12
  static let blocks = 16
  static let copies = 20
  static let slotsPerShelf = 24
  static let seed = 32
  static let counters = 64
  static let eventsPut = 192
  static let eventsTaken = 200
  static let intent = 208
  static let thin = 320
  static let events = 1024

  /// Where the counter lies.
  static func counter(_ counter: Counter) -> Int {
    counters &+ counter.rawValue &* 8
  }

  /// The slot where the shelf's next search begins.
  static func nextSlot(_ shelf: Int) -> Int { 256 &+ shelf &* 16 }

  /// How many of the shelf's slots are free.
  static func freeSlots(_ shelf: Int) -> Int { 260 &+ shelf &* 16 }

  /// The shelf's 64 bytes of hints.
  static func hints(_ shelf: Int) -> Int { 512 &+ shelf &* 64 }
}
