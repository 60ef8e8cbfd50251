// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// An event in the ring of 64, 32 bytes:
//
//     0   4  kind: 1 mismatch, 2 lost
//     4   4  block
//     8   4  copy
//     12  4  slot
//     16  8  checksum that was found
//     24  8  zero (room for the time)

/// Something that a store's owner must hear of.
public enum StoreEvent: Equatable, Sendable {
  /// A copy of the block was not what had been written: the frame of `slot`
  /// held bytes with the checksum `found`.
  case mismatch(BlockNumber, copy: Int, slot: UInt32, found: UInt64)
  /// No copy of the block was good: a read was answered with an error.
  case lost(BlockNumber)
}

/// The ring of recent events; the oldest gives way when nobody takes them.
extension StoreTables {
  static let eventCapacity: UInt64 = 64

  mutating func put(_ event: StoreEvent) {
    let number = u64(at: HeaderField.eventsPut)
    let taken = u64(at: HeaderField.eventsTaken)
    if number &- taken >= Self.eventCapacity {
      put(u64: taken &+ 1, at: HeaderField.eventsTaken)
      count(.eventsMissed)
    }
    let offset = eventOffset(number)
    switch event {
    case .mismatch(let block, let copy, let slot, let found):
      put(u32: 1, at: offset)
      put(u32: block.value, at: offset &+ 4)
      put(u32: UInt32(truncatingIfNeeded: copy), at: offset &+ 8)
      put(u32: slot, at: offset &+ 12)
      put(u64: found, at: offset &+ 16)
    case .lost(let block):
      put(u32: 2, at: offset)
      put(u32: block.value, at: offset &+ 4)
    }
    Self.keepOrder()
    put(u64: number &+ 1, at: HeaderField.eventsPut)
  }

  mutating func takeEvent() -> StoreEvent? {
    let taken = u64(at: HeaderField.eventsTaken)
    guard taken != u64(at: HeaderField.eventsPut) else { return nil }
    let offset = eventOffset(taken)
    let block = BlockNumber(u32(at: offset &+ 4))
    let event: StoreEvent =
      u32(at: offset) == 1
      ? .mismatch(
        block,
        copy: Int(u32(at: offset &+ 8)),
        slot: u32(at: offset &+ 12),
        found: u64(at: offset &+ 16)
      )
      : .lost(block)
    put(u64: taken &+ 1, at: HeaderField.eventsTaken)
    return event
  }

  private func eventOffset(_ number: UInt64) -> Int {
    HeaderField.events &+ Int(number % Self.eventCapacity) &* 32
  }
}
