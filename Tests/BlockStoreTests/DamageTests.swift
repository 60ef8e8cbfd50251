// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct DamageTests {
  @Test func aBadCopyIsRewrittenFromAGoodOne() throws {
    var bench = try StoreBench(blocks: 4)
    try bench.write(2, content(1))
    let slots = bench.slots(2)
    bench.frames.damage(slots[0])
    #expect(try bench.read(2) == content(1))
    #expect(bench.frames[slots[0]] == content(1))
    #expect(bench.counters.mismatches == 1)
    #expect(bench.counters.repaired == 1)
    #expect(bench.counters.lost == 0)
    let events = bench.takeEvents()
    #expect(events.count == 1)
    guard case .mismatch(BlockNumber(2), 0, slots[0], _) = events.first
    else {
      Issue.record("\(events)")
      return
    }
  }

  @Test func allBadCopiesBeforeTheGoodOneAreRewritten() throws {
    var bench = try StoreBench(blocks: 4, copies: 4)
    try bench.write(3, content(1))
    let slots = bench.slots(3)
    for slot in slots[..<3] { bench.frames.damage(slot) }
    #expect(try bench.read(3) == content(1))
    #expect(bench.counters.repaired == 3)
    for slot in slots { #expect(bench.frames[slot] == content(1)) }
  }

  @Test(arguments: 1...4)
  func whenNoCopyIsGoodTheReadFailsAndHandsNothingOut(copies: Int) throws {
    var bench = try StoreBench(blocks: 4, copies: copies)
    try bench.write(1, content(1))
    for slot in bench.slots(1) { bench.frames.damage(slot) }
    let (found, failure) = bench.readRaw(1)
    #expect(failure == .damaged(BlockNumber(1)))
    #expect(found == zeroes)
    #expect(bench.counters.lost == 1)
    #expect(bench.counters.mismatches == UInt64(copies))
    #expect(bench.counters.repaired == 0)
    let events = bench.takeEvents()
    #expect(events.count == copies + 1)
    #expect(events.last == .lost(BlockNumber(1)))
    // The next write makes the block good again.
    try bench.write(1, content(2))
    #expect(try bench.read(1) == content(2))
  }

  @Test func whatIsHandedOutIsWhatWasVerified() throws {
    // A store that hashes the frame and then copies it, or the reverse, would
    // see two different frames here.
    var bench = try StoreBench(blocks: 4)
    try bench.write(0, content(1))
    let frames = bench.frames
    frames.afterRead = { frames.damage($0) }
    #expect(try bench.read(0) == content(1))
    #expect(frames.slotsRead == [bench.slots(0)[0]])
    // Now the frame is bad, and the other copy too once it was copied.
    #expect(try bench.read(0) == content(1))
    #expect(bench.counters.lost == 0)
  }

  @Test func damageJustBeforeTheCopyIsNoticed() throws {
    var bench = try StoreBench(blocks: 4)
    try bench.write(0, content(1))
    let frames = bench.frames
    let first = bench.slots(0)[0]
    frames.beforeRead = { if $0 == first { frames.damage($0) } }
    #expect(try bench.read(0) == content(1))
    frames.beforeRead = { frames.damage($0) }
    #expect(throws: StoreError.damaged(BlockNumber(0))) {
      _ = try bench.read(0)
    }
  }

  @Test func aBlockInAnothersPlaceIsNoticed() throws {
    var bench = try StoreBench(blocks: 4, copies: 1)
    try bench.write(0, content(1))
    try bench.write(1, content(2))
    let (a, b) = (bench.slots(0)[0], bench.slots(1)[0])
    (bench.frames[a], bench.frames[b]) = (bench.frames[b], bench.frames[a])
    #expect(bench.readRaw(0) == (zeroes, .damaged(BlockNumber(0))))
    #expect(bench.readRaw(1) == (zeroes, .damaged(BlockNumber(1))))
  }

  @Test func entriesInEachOthersPlaceAreNoticed() throws {
    // Whole entries, checksum and slot: only the block's number in the hash
    // tells them apart.
    var bench = try StoreBench(blocks: 4, copies: 1)
    try bench.write(0, content(1))
    try bench.write(1, content(2))
    let (zero, one) = (BlockNumber(0), BlockNumber(1))
    let sum = bench.store.tables.checksum(of: one)
    let word = bench.store.tables.slotWord(of: one, copy: 0)
    bench.store.tables.setChecksum(sum, of: zero)
    bench.store.tables.setSlotWord(word, of: zero, copy: 0)
    #expect(bench.readRaw(0) == (zeroes, .damaged(zero)))
  }

  @Test func anEarlierContentPutBackIsNoticed() throws {
    var bench = try StoreBench(blocks: 4)
    try bench.write(0, content(1))
    let stale = bench.slots(0).map { bench.frames[$0] }
    try bench.write(0, content(2))
    for (slot, old) in zip(bench.slots(0), stale) { bench.frames[slot] = old }
    #expect(bench.readRaw(0) == (zeroes, .damaged(BlockNumber(0))))
  }

  @Test func theSameContentOfAnotherRunIsNoticed() throws {
    var first = try StoreBench(blocks: 1, copies: 1, seed: 1)
    var second = try StoreBench(blocks: 1, copies: 1, seed: 2)
    try first.write(0, content(1))
    try second.write(0, content(1))
    let sums = [
      first.store.tables.checksum(of: BlockNumber(0)),
      second.store.tables.checksum(of: BlockNumber(0)),
    ]
    #expect(sums[0] != sums[1])
  }

  @Test func aSlotOutsideItsShelfIsABadCopyAndNotATrap() throws {
    var bench = try StoreBench(blocks: 4)
    try bench.write(0, content(1))
    let wild = SlotWord(bits: .max)
    bench.store.tables.setSlotWord(wild, of: BlockNumber(0), copy: 0)
    #expect(try bench.read(0) == content(1))
    // Mended: the copy is in another frame of its shelf.
    #expect(bench.slots(0) == [1, 4])
    for copy in 0..<2 {
      bench.store.tables.setSlotWord(wild, of: BlockNumber(0), copy: copy)
    }
    // Found again among the frames that no entry names.
    #expect(try bench.read(0) == content(1))
    try bench.discard(0)
    #expect(try bench.read(0) == zeroes)
  }

  @Test func theRingKeepsTheNewestEventsAndCountsTheOthers() throws {
    var bench = try StoreBench(blocks: 70, copies: 1)
    for block in 0..<70 as Range<UInt32> {
      try bench.write(block, content(1))
      bench.frames.damage(bench.slots(block)[0])
      _ = bench.readRaw(block)
    }
    let events = bench.takeEvents()
    #expect(events.count == 64)
    #expect(events.last == .lost(BlockNumber(69)))
    #expect(bench.counters.eventsMissed == 2 * 70 - 64)
    #expect(bench.takeEvents().isEmpty)
  }
}
