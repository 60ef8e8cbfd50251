// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// An event in the ring of 64, 32 bytes:
//
//     0   4  kind: 1 mismatch, 2 lost, 3 relocated, 4 thinned, 5 canary,
//            6 metadata
//     4   4  block
//     8   4  copy; of `thinned`, the copies left
//     12  4  slot; of `relocated`, the one that was left
//     16  8  checksum that was found; of `relocated`, the new slot
//     24  8  zero (room for the time)

/// Something that a store's owner must hear of.
public enum StoreEvent: Equatable, Sendable {
  /// A copy of the block was not what had been written: the frame of `slot`
  /// held bytes with the checksum `found`.
  case mismatch(BlockNumber, copy: Int, slot: UInt32, found: UInt64)
  /// No copy of the block was good: a read was answered with an error, or
  /// will be.
  case lost(BlockNumber)
  /// A copy was moved to another frame of its shelf, because the frame it had
  /// failed again; nobody uses that one any more.
  case relocated(BlockNumber, copy: Int, from: UInt32, to: UInt32)
  /// The block has only so many copies left.
  case thinned(BlockNumber, copies: Int)
  /// A frame that held nothing changed by itself; nobody will use it.
  case canary(slot: UInt32)
  /// What the tables say of the block was damaged.
  case metadata(BlockNumber)
}

/// The ring of recent events; the oldest gives way when nobody takes them.
extension StoreTables {
  static let eventCapacity: UInt64 = 64

  mutating func put(_ event: StoreEvent) {
    let number = u64(at: HeaderField.eventsPut)
    let taken = u64(at: HeaderField.eventsTaken)
    if number &- taken >= Self.eventCapacity {
      // One further, or back from where damage has put it.
      let oldest = number &- Self.eventCapacity &+ 1
      put(u64: oldest, at: HeaderField.eventsTaken)
      count(.eventsMissed)
    }
    let offset = eventOffset(number)
    let fields = event.fields
    put(u32: fields.kind, at: offset)
    put(u32: fields.block, at: offset &+ 4)
    put(u32: fields.copy, at: offset &+ 8)
    put(u32: fields.slot, at: offset &+ 12)
    put(u64: fields.found, at: offset &+ 16)
    Self.keepOrder()
    put(u64: number &+ 1, at: HeaderField.eventsPut)
  }

  mutating func takeEvent() -> StoreEvent? {
    let number = u64(at: HeaderField.eventsPut)
    var taken = u64(at: HeaderField.eventsTaken)
    // More than there is room for, or what was never put: damage of the two.
    if number &- taken > Self.eventCapacity { taken = number }
    while taken != number {
      let offset = eventOffset(taken)
      let event = StoreEvent(
        StoreEvent.Fields(
          kind: u32(at: offset),
          block: u32(at: offset &+ 4),
          copy: u32(at: offset &+ 8),
          slot: u32(at: offset &+ 12),
          found: u64(at: offset &+ 16)
        )
      )
      taken &+= 1
      guard let event else { continue }
      put(u64: taken, at: HeaderField.eventsTaken)
      return event
    }
    put(u64: taken, at: HeaderField.eventsTaken)
    return nil
  }

  private func eventOffset(_ number: UInt64) -> Int {
    HeaderField.events &+ Int(number % Self.eventCapacity) &* 32
  }
}

extension StoreEvent {
  /// An event as it lies in the ring.
  struct Fields {
    var kind: UInt32
    var block: UInt32 = 0
    var copy: UInt32 = 0
    var slot: UInt32 = 0
    var found: UInt64 = 0
  }

  fileprivate var fields: Fields {
    switch self {
    case .mismatch(let block, let copy, let slot, let found):
      Fields(
        kind: 1,
        block: block.value,
        copy: UInt32(truncatingIfNeeded: copy),
        slot: slot,
        found: found
      )
    case .lost(let block): Fields(kind: 2, block: block.value)
    case .relocated(let block, let copy, let from, let to):
      Fields(
        kind: 3,
        block: block.value,
        copy: UInt32(truncatingIfNeeded: copy),
        slot: from,
        found: UInt64(to)
      )
    case .thinned(let block, let copies):
      Fields(
        kind: 4,
        block: block.value,
        copy: UInt32(truncatingIfNeeded: copies)
      )
    case .canary(let slot): Fields(kind: 5, slot: slot)
    case .metadata(let block): Fields(kind: 6, block: block.value)
    }
  }

  fileprivate init?(_ fields: Fields) {
    let block = BlockNumber(fields.block)
    let copy = Int(fields.copy)
    switch fields.kind {
    case 1:
      self = .mismatch(
        block,
        copy: copy,
        slot: fields.slot,
        found: fields.found
      )
    case 3:
      self = .relocated(
        block,
        copy: copy,
        from: fields.slot,
        to: UInt32(truncatingIfNeeded: fields.found)
      )
    case 4: self = .thinned(block, copies: copy)
    case 5: self = .canary(slot: fields.slot)
    case 6: self = .metadata(block)
    case 2: self = .lost(block)
    default: return nil
    }
  }
}
