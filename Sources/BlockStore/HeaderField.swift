// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Where the header's fields lie: the table in StoreShape.swift as numbers.
enum HeaderField {
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
