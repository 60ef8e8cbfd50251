// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

/// What a store finds that goes on with the region of another one.
@Suite struct ContinuingTests {
  private func failure(
    _ bench: borrowing StoreBench,
    _ shape: StoreShape,
    seed: UInt64
  ) -> StoreError? {
    do throws(StoreError) {
      _ = try BlockStore(
        continuing: bench.region,
        shape: shape,
        seed: seed,
        frames: bench.frames
      )
      return nil
    } catch {
      return error
    }
  }

  private func filled() throws -> StoreBench {
    var bench = try StoreBench(blocks: 20, slotsPerShelf: 24)
    for block in 0..<16 { try bench.write(UInt32(block), content(block)) }
    return bench
  }

  @Test func anotherRunsRegionIsRefused() throws {
    let bench = try filled()
    #expect(failure(bench, bench.store.shape, seed: 1) == .notThisStore)
    // Not even when the header says what is expected.
    bench.region.storeBytes(of: 1, toByteOffset: 32, as: UInt64.self)
    bench.region.storeBytes(of: 0, toByteOffset: 0, as: UInt64.self)
    #expect(failure(bench, bench.store.shape, seed: 1) == .notThisStore)
  }

  @Test func anotherShapesRegionIsRefused() throws {
    let bench = try filled()
    for (blocks, copies, slots) in [
      (19, 2, 24), (20, 1, 24), (20, 2, 23), (10, 1, 12),
    ] as [(UInt32, Int, UInt32)] {
      let shape = try StoreShape(
        blocks: blocks,
        copies: copies,
        slotsPerShelf: slots
      )
      #expect(failure(bench, shape, seed: 0x5eed) == .notThisStore)
    }
  }

  @Test func aRegionOfNothingIsRefused() throws {
    let bench = try filled()
    bench.region.initializeMemory(as: UInt8.self, repeating: 0)
    #expect(failure(bench, bench.store.shape, seed: 0x5eed) == .notThisStore)
    var random = SplitMix(state: 1)
    for place in bench.region.indices {
      bench.region[place] = UInt8(truncatingIfNeeded: random.next())
    }
    #expect(failure(bench, bench.store.shape, seed: 0x5eed) == .notThisStore)
  }

  @Test func aDamagedHeaderIsMendedWhenTheEntriesAgree() throws {
    for place in [0, 8, 12, 16, 20, 24, 32] {
      var bench = try filled()
      // Not ^=, which swiftc 6.3.1 cannot compile for the thread sanitizer.
      let byte = bench.region[place]
      bench.region[place] = byte ^ 0x10
      try bench.reopen()
      #expect(bench.counters.metadataRepaired == 1)
      try bench.reopen()
      #expect(bench.counters.metadataRepaired == 1)
    }
    var bench = try filled()
    for place in 0..<4096 { bench.region[place] = 0xff }
    try bench.reopen()
    #expect(bench.counters.slotsUsed == 32)
    for block in 0..<16 {
      #expect(try bench.read(UInt32(block)) == content(block))
    }
    for block in 16..<20 {
      try bench.write(UInt32(block), content(block))
      #expect(try bench.read(UInt32(block)) == content(block))
    }
  }

  @Test func theScrubberMendsTheHeaderBeforeItIsNeeded() throws {
    var bench = try filled()
    let header = (0..<64).map { bench.region[$0] }
    for place in 0..<64 { bench.region[place] = 0 }
    bench.scrubAll()
    #expect((0..<64).map { bench.region[$0] } == header)
    #expect(bench.counters.metadataRepaired == 1)
  }

  @Test func quarantineAndCountersStay() throws {
    var bench = try filled()
    let out: [UInt32] = [20, 22, 45]
    for slot in out { bench.store.quarantine(slot) }
    bench.frames.damage(bench.slots(3)[0])
    _ = try bench.read(3)
    let before = bench.counters
    try bench.reopen()
    #expect(bench.counters == before)
    for slot in out {
      let isOut = bench.store.quarantine(slot)
      #expect(!isOut)
    }
  }

  @Test func countsAreMadeOutOfTheEntries() throws {
    var bench = try filled()
    let before = bench.counters
    let header = 256..<328
    for place in header { bench.region[place] = 0x5a }
    for place in 512..<768 { bench.region[place] = 0 }
    try bench.reopen()
    #expect(bench.counters == before)
    // All that is free can be used, and no more.
    var written = 16
    while written < 20 {
      try bench.write(UInt32(written), content(written))
      written += 1
    }
    #expect(bench.counters.slotsUsed == 40)
  }

  @Test func whatAKilledProcessHadTakenIsFreeAgain() throws {
    var bench = try filled()
    let before = bench.counters
    for copy in 0..<2 {
      for _ in 0..<3 { _ = bench.store.tables.takeSlot(copy) }
    }
    #expect(bench.counters.slotsUsed == before.slotsUsed + 6)
    try bench.reopen()
    #expect(bench.counters == before)
  }

  @Test func theLastCopyOfADamagedEntryIsNotGivenAway() throws {
    var bench = try filled()
    for copy in 0..<2 {
      bench.store.tables.setSlotWord(.absent, of: BlockNumber(5), copy: copy)
    }
    try bench.reopen()
    for block in 16..<20 { try bench.write(UInt32(block), content(block)) }
    try bench.reopen()
    #expect(try bench.read(5) == content(5))
    bench.scrubAll()
    #expect(bench.counters.slotsUsed == 40)
    #expect(bench.slots(5).count == 2)
  }

  @Test func aRecordThatWasDamagedIsNoRecord() throws {
    var bench = try filled()
    try bench.discard(4)
    // The record is of the last operation; its first word says that it is
    // over.
    for bits in [1, 0x8000_0000, .max] as [UInt32] {
      bench.region.storeBytes(of: bits, toByteOffset: 208, as: UInt32.self)
      bench.region.storeBytes(of: 5, toByteOffset: 212, as: UInt32.self)
      try bench.reopen()
      #expect(try bench.read(5) == content(5))
    }
  }
}
