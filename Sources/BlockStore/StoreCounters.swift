// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a store has done since it was made; all in blocks or frames.
public struct StoreCounters: Equatable, Sendable {
  /// Blocks that were read, with success or without.
  public var reads: UInt64 = 0
  /// Blocks that were written, those of zeroes included.
  public var writes: UInt64 = 0
  /// Blocks that were discarded, whether they held anything or not.
  public var discards: UInt64 = 0
  /// Blocks that were made zero, by either kind of write.
  public var zeroes: UInt64 = 0
  /// Copies that were read and were not what had been written.
  public var mismatches: UInt64 = 0
  /// Copies that were rewritten from a good one, in place or elsewhere.
  public var repaired: UInt64 = 0
  /// Reads that found no good copy.
  public var lost: UInt64 = 0
  /// Writes that found no free frame.
  public var refused: UInt64 = 0
  /// Events that were overwritten before anybody took them.
  public var eventsMissed: UInt64 = 0
  /// Copies that were moved to another frame, because theirs failed again.
  public var relocated: UInt64 = 0
  /// Entries of the tables that were damaged.
  public var metadataRepaired: UInt64 = 0
  /// Frames without content that changed by themselves.
  public var canariesBroken: UInt64 = 0
  /// Frames that the scrubber has looked at.
  public var scrubbed: UInt64 = 0
  /// Times that the scrubber has come round.
  public var passes: UInt64 = 0
  /// Blocks that have fewer copies at the moment than they are to have.
  public var thin: UInt64 = 0
  /// Frames that are out of use, because they changed by themselves.
  public var quarantined: UInt64 = 0
  /// Frames that hold a copy at the moment.
  public var slotsUsed: UInt64 = 0
}

extension StoreCounters {
  /// Those of a store that has done nothing yet.
  public static var zero: StoreCounters { StoreCounters() }
}

/// The counters by their place in the region, which must never change.
enum Counter: Int {
  case reads
  case writes
  case discards
  case zeroes
  case mismatches
  case repaired
  case lost
  case refused
  case eventsMissed
  case quarantined
  case relocated
  case metadataRepaired
  case canariesBroken
  case scrubbed
  case passes
}

extension StoreTables {
  mutating func count(_ counter: Counter, by number: UInt64 = 1) {
    put(u64: self[counter] &+ number, at: HeaderField.counter(counter))
  }

  subscript(counter: Counter) -> UInt64 {
    u64(at: HeaderField.counter(counter))
  }

  var counters: StoreCounters {
    var free: UInt64 = 0
    for shelf in 0..<shape.copies { free += UInt64(freeSlots(shelf)) }
    return StoreCounters(
      reads: self[.reads],
      writes: self[.writes],
      discards: self[.discards],
      zeroes: self[.zeroes],
      mismatches: self[.mismatches],
      repaired: self[.repaired],
      lost: self[.lost],
      refused: self[.refused],
      eventsMissed: self[.eventsMissed],
      relocated: self[.relocated],
      metadataRepaired: self[.metadataRepaired],
      canariesBroken: self[.canariesBroken],
      scrubbed: self[.scrubbed],
      passes: self[.passes],
      thin: u64(at: HeaderField.thin),
      quarantined: self[.quarantined],
      slotsUsed: UInt64(shape.slotCount) &- free &- self[.quarantined]
    )
  }
}
