// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

/// Damage of what the tables say of one block, with its frames whole.
@Suite struct SealTests {
  enum Field: CaseIterable {
    case checksum, firstWord, lastWord, allWords, seal
  }

  enum Manner: CaseIterable {
    case flipBit, overwrite, zero

    func changed(_ bits: UInt64) -> UInt64 {
      switch self {
      case .flipBit: bits ^ 1 << 9
      case .overwrite: 0x0bad_0bad_0bad_0bad
      case .zero: 0
      }
    }
  }

  static let block = BlockNumber(2)

  private func damage(
    _ bench: inout StoreBench,
    _ field: Field,
    _ manner: Manner
  ) {
    let block = Self.block
    func changed(_ bits: UInt32) -> UInt32 {
      UInt32(truncatingIfNeeded: manner.changed(UInt64(bits)))
    }
    let last = bench.store.shape.copies - 1
    switch field {
    case .checksum:
      let sum = bench.store.tables.checksum(of: block)
      bench.store.tables.setChecksum(manner.changed(sum), of: block)
    case .seal:
      let seal = bench.store.tables.seal(of: block)
      bench.store.tables.setSeal(changed(seal), of: block)
    case .firstWord, .lastWord, .allWords:
      let first = field == .lastWord ? last : 0
      for copy in first...(field == .firstWord ? 0 : last) {
        let word = bench.store.tables.slotWord(of: block, copy: copy)
        let bad = SlotWord(bits: changed(word.bits))
        bench.store.tables.setSlotWord(bad, of: block, copy: copy)
      }
    }
  }

  private func isWhole(_ bench: borrowing StoreBench) -> Bool {
    let entry = bench.store.tables.entry(of: Self.block)
    return entry.copies == bench.store.shape.copies
      && bench.store.tables.isSealed(entry, of: Self.block)
  }

  @Test(arguments: Field.allCases, Manner.allCases)
  func theScrubberMendsEveryFieldOfAnEntry(
    field: Field,
    manner: Manner
  ) throws {
    for copies in 1...4 {
      var bench = try StoreBench(blocks: 8, copies: copies)
      for block in 0..<8 { try bench.write(UInt32(block), content(block)) }
      try bench.discard(7)
      let count = bench.counters.metadataRepaired
      damage(&bench, field, manner)
      bench.scrubAll()
      #expect(bench.counters.metadataRepaired == count + 1)
      #expect(bench.takeEvents().contains(.metadata(Self.block)))
      let isWhole = isWhole(bench)
      #expect(isWhole)
      for block in 0..<7 {
        #expect(try bench.read(UInt32(block)) == content(block))
      }
      // Nothing is left over, and nothing found a second time.
      bench.scrubAll()
      #expect(bench.counters.metadataRepaired == count + 1)
      #expect(bench.counters.slotsUsed == UInt64(7 * copies))
      #expect(bench.counters.lost == 0)
    }
  }

  @Test(arguments: Field.allCases, Manner.allCases)
  func aReadIsNeverAnsweredWithAnythingElse(
    field: Field,
    manner: Manner
  ) throws {
    for copies in 1...4 {
      var bench = try StoreBench(blocks: 8, copies: copies)
      for block in 0..<8 { try bench.write(UInt32(block), content(block)) }
      damage(&bench, field, manner)
      #expect(try bench.read(2) == content(2))
      for block in 0..<8 {
        #expect(try bench.read(UInt32(block)) == content(block))
      }
    }
  }

  @Test(arguments: Field.allCases, Manner.allCases)
  func aWriteOverADamagedEntryTouchesNoOtherBlock(
    field: Field,
    manner: Manner
  ) throws {
    for copies in 1...4 {
      var bench = try StoreBench(
        blocks: 8,
        copies: copies,
        slotsPerShelf: 12
      )
      for block in 0..<8 { try bench.write(UInt32(block), content(block)) }
      damage(&bench, field, manner)
      try bench.write(2, content(22))
      bench.scrubAll()
      for block in 0..<8 {
        let expected = content(block == 2 ? 22 : block)
        #expect(try bench.read(UInt32(block)) == expected)
      }
      #expect(bench.counters.mismatches == 0)
      #expect(bench.counters.slotsUsed == UInt64(8 * copies))
    }
  }

  @Test(arguments: [Field.checksum, .seal, .allWords], Manner.allCases)
  func anAbsentBlockStaysOne(field: Field, manner: Manner) throws {
    var bench = try StoreBench(blocks: 8)
    try bench.write(1, content(1))
    damage(&bench, field, manner)
    #expect(try bench.read(2) == zeroes)
    bench.scrubAll()
    #expect(try bench.read(2) == zeroes)
    let isEmpty = bench.store.tables.isEmpty(Self.block)
    #expect(isEmpty)
    #expect(try bench.read(1) == content(1))
  }

  @Test func aLostBlockIsNeverTakenForAnAbsentOne() throws {
    var bench = try StoreBench(blocks: 4, slotsPerShelf: 6)
    for block in 0..<4 { try bench.write(UInt32(block), content(block)) }
    for slot in bench.slots(2) { bench.frames.damage(slot) }
    damage(&bench, .allWords, .zero)
    bench.scrubAll()
    #expect(bench.counters.lost == 1)
    // What remembers the loss may be damaged too, in one place.
    for field in [Field.seal, .checksum, .allWords] {
      damage(&bench, field, .zero)
      bench.scrubAll()
      #expect(bench.readRaw(2) == (zeroes, .damaged(Self.block)))
    }
    try bench.write(2, content(5))
    #expect(try bench.read(2) == content(5))
    bench.scrubAll()
    #expect(bench.counters.slotsUsed == 8)
  }
}
