// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct ScrubberTests {
  @Test(arguments: 2...4)
  func damageOfAnyCopyIsFoundWithoutARead(copies: Int) throws {
    var bench = try StoreBench(blocks: 40, copies: copies)
    for block in 0..<40 { try bench.write(UInt32(block), content(block)) }
    for copy in 0..<copies {
      bench.frames.damage(bench.slots(UInt32(copy * 7))[copy])
    }
    bench.scrubAll()
    #expect(bench.counters.repaired == UInt64(copies))
    for copy in 0..<copies {
      let block = UInt32(copy * 7)
      let slot = bench.slots(block)[copy]
      #expect(bench.frames[slot] == content(Int(block)))
    }
  }

  /// A block that is written, a copy that is mended, a canary.
  @Test func noFrameIsLeftUnfenced() throws {
    var bench = try StoreBench(blocks: 4, slotsPerShelf: 6)
    try bench.write(0, content(0))
    #expect(bench.frames.unfenced == 0)
    bench.frames.damage(bench.slots(0)[0])
    let (found, _) = bench.readRaw(0)
    #expect(found == content(0))
    #expect(bench.frames.unfenced == 0)
    bench.scrubAll()
    #expect(bench.frames.unfenced == 0)
  }

  @Test func aLossIsReportedOnce() throws {
    var bench = try StoreBench(blocks: 4)
    try bench.write(1, content(1))
    for slot in bench.slots(1) { bench.frames.damage(slot) }
    for _ in 0..<3 { bench.scrubAll() }
    #expect(bench.counters.lost == 1)
    #expect(bench.takeEvents().count { $0 == .lost(BlockNumber(1)) } == 1)
    // A read says so again.
    #expect(bench.readRaw(1).1 == .damaged(BlockNumber(1)))
    #expect(bench.counters.lost == 2)
  }

  @Test func freeFramesGetACanaryAndAreGivenUpWithoutIt() throws {
    var bench = try StoreBench(blocks: 4, slotsPerShelf: 10)
    try bench.write(0, content(0))
    bench.scrubAll()
    let used = bench.slots(0)
    for slot in [3, 14] as [UInt32] { bench.frames.damage(slot) }
    // A frame in use changes as well, and is another matter.
    bench.frames.damage(used[0])
    bench.scrubAll()
    #expect(bench.counters.canariesBroken == 2)
    #expect(bench.counters.quarantined == 2)
    let events = bench.takeEvents()
    #expect(events.contains(.canary(slot: 3)))
    #expect(events.contains(.canary(slot: 14)))
    for block in 0..<4 { try bench.write(UInt32(block), content(block)) }
    for block in 0..<4 {
      #expect(!bench.slots(UInt32(block)).contains(3))
      #expect(!bench.slots(UInt32(block)).contains(14))
      #expect(try bench.read(UInt32(block)) == content(block))
    }
  }

  @Test func aFrameThatWasGivenBackIsWatchedAgain() throws {
    var bench = try StoreBench(blocks: 4)
    try bench.write(0, content(0))
    let slot = bench.slots(0)[0]
    bench.scrubAll()
    try bench.discard(0)
    // What is left in it is nobody's, and may change.
    bench.frames.damage(slot)
    bench.scrubAll()
    #expect(bench.counters.canariesBroken == 0)
    bench.frames.damage(slot)
    bench.scrubAll()
    #expect(bench.counters.canariesBroken == 1)
  }

  @Test func noStepReadsMoreThanOneBlocksFrames() throws {
    var bench = try StoreBench(blocks: 64, copies: 3, slotsPerShelf: 80)
    for block in 0..<50 { try bench.write(UInt32(block), content(block)) }
    for slot in 5..<25 as Range<UInt32> { bench.frames.damage(slot) }
    var passes = 0
    var most = 0
    while passes < 2 || bench.store.isSuspicious {
      bench.frames.slotsRead = []
      if bench.store.scrub() == .passed { passes += 1 }
      most = max(most, Set(bench.frames.slotsRead).count)
    }
    #expect(most == 3)
    #expect(bench.counters.repaired == 20)
  }

  @Test(arguments: [0, 500, 1100] as [UInt32])
  func aBurstIsFoundWholeBeforeThePassGoesOn(first: UInt32) throws {
    var bench = try StoreBench(blocks: 1500, slotsPerShelf: 1600)
    for block in 0..<1500 { try bench.write(UInt32(block), content(block)) }
    bench.scrubAll()
    let burst = first..<(first + 300)
    for slot in burst { bench.frames.damage(slot) }
    // One of them is read, as it happens.
    let middle = first + 150
    let hit = try #require(
      (0..<1500 as Range<UInt32>).first { bench.slots($0)[0] == middle }
    )
    _ = try bench.read(hit)
    let isSuspicious = bench.store.isSuspicious
    #expect(isSuspicious)
    var steps = 0
    while bench.store.isSuspicious {
      _ = bench.store.scrub()
      steps += 1
    }
    // What a round has looked at is not looked at again.
    #expect(steps < 1200)
    #expect(bench.counters.mismatches == 300)
    #expect(bench.counters.repaired == 300)
    let progress = bench.store.scrubProgress
    #expect(progress == 0)
  }

  @Test func manyBurstsAtOnceAreAllFoundByTheEndOfThePass() throws {
    var bench = try StoreBench(blocks: 400, slotsPerShelf: 400)
    for block in 0..<400 { try bench.write(UInt32(block), content(block)) }
    for start in stride(from: 0, to: 400, by: 50) {
      for slot in start..<(start + 10) { bench.frames.damage(UInt32(slot)) }
    }
    bench.scrubAll()
    #expect(bench.counters.repaired == 80)
    for block in 0..<400 {
      #expect(try bench.read(UInt32(block)) == content(block))
    }
  }

  /// Whoever waits is served first; what the audit would have mended is mended
  /// when nobody does.
  @Test func theAuditGivesWayToRequests() throws {
    var bench = try StoreBench(blocks: 1000)
    try bench.write(3, content(3))
    bench.scrubAll()
    bench.region[Int(HeaderField.thin)] = 77
    var looks = 0
    var steps = 0
    let passes = bench.counters.passes
    while bench.counters.passes == passes {
      _ = bench.store.scrub(
        unless: {
          looks += 1
          // Somebody comes in the middle of the entries.
          return looks % 6 == 0
        }
      )
      steps += 1
    }
    #expect(bench.counters.thin == 77)
    #expect(looks >= 6 * Scrubber.interruptionsBorne, "\(looks) looks")
    bench.scrubAll()
    #expect(bench.counters.thin == 0)
    #expect(try bench.read(3) == content(3))
  }
}
