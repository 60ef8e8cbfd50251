// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct RelocationTests {
  @Test(arguments: 2...4)
  func theSecondFaultOfAFrameIsItsLast(copies: Int) throws {
    var bench = try StoreBench(blocks: 4, copies: copies, slotsPerShelf: 6)
    try bench.write(1, content(1))
    for copy in 0..<copies {
      let old = bench.slots(1)[copy]
      bench.frames.damage(old)
      bench.scrubAll()
      #expect(bench.slots(1)[copy] == old)
      _ = bench.takeEvents()
      bench.frames.damage(old)
      bench.scrubAll()
      let new = bench.slots(1)[copy]
      #expect(new != old)
      #expect(new / 6 == UInt32(copy))
      let events = bench.takeEvents()
      #expect(
        events.contains(
          .relocated(BlockNumber(1), copy: copy, from: old, to: new)
        )
      )
      #expect(bench.frames[new] == content(1))
    }
    #expect(bench.counters.relocated == UInt64(copies))
    #expect(bench.counters.quarantined == UInt64(copies))
    #expect(bench.counters.thin == 0)
    #expect(try bench.read(1) == content(1))
  }

  @Test func aFrameThatWasGivenUpIsNeverUsedAgain() throws {
    var bench = try StoreBench(blocks: 4, slotsPerShelf: 6)
    try bench.write(1, content(1))
    let old = bench.slots(1)[0]
    for _ in 0..<2 {
      bench.frames.damage(old)
      #expect(try bench.read(1) == content(1))
    }
    var random = SplitMix(state: 1)
    for step in 0..<500 {
      let block = UInt32.random(in: 0..<4, using: &random)
      switch step % 5 {
      case 0: try bench.discard(block)
      case 1: try bench.reopen()
      case 2: bench.scrubAll()
      default: try bench.write(block, content(step))
      }
      for block in 0..<4 as Range<UInt32> {
        #expect(!bench.slots(block).contains(old))
      }
      #expect(bench.counters.quarantined == 1)
    }
  }

  @Test func aFrameThatKeepsNothingIsGivenUpAtOnce() throws {
    var bench = try StoreBench(blocks: 4, slotsPerShelf: 6)
    try bench.write(1, content(1))
    let old = bench.slots(1)[0]
    bench.frames.damage(old)
    let frames = bench.frames
    frames.beforeRead = { if $0 == old { frames.damage($0) } }
    #expect(try bench.read(1) == content(1))
    #expect(bench.slots(1)[0] != old)
    #expect(bench.counters.quarantined == 1)
    #expect(bench.counters.relocated == 1)
  }

  @Test func aNewFrameThatKeepsNothingIsGivenUpToo() throws {
    var bench = try StoreBench(blocks: 4, slotsPerShelf: 8)
    try bench.write(1, content(1))
    let old = bench.slots(1)[0]
    bench.frames.damage(old)
    let frames = bench.frames
    let bad: Set<UInt32> = [old, 1, 2]
    frames.beforeRead = { if bad.contains($0) { frames.damage($0) } }
    #expect(try bench.read(1) == content(1))
    #expect(bench.counters.quarantined == 3)
    #expect(bench.slots(1).count == 2)
    #expect(!bad.contains(bench.slots(1)[0]))
  }

  @Test func withoutAnotherFrameTheBlockHasFewerCopies() throws {
    var bench = try StoreBench(blocks: 3, slotsPerShelf: 3)
    for block in 0..<3 { try bench.write(UInt32(block), content(block)) }
    let slots = bench.slots(1)
    for _ in 0..<2 {
      bench.frames.damage(slots[0])
      #expect(try bench.read(1) == content(1))
    }
    #expect(bench.slots(1) == [slots[1]])
    #expect(bench.counters.thin == 1)
    #expect(
      bench.takeEvents().contains(.thinned(BlockNumber(1), copies: 1))
    )
    // As soon as there is a frame again, the scrubber makes up for it.
    try bench.discard(0)
    bench.scrubAll()
    #expect(bench.slots(1).count == 2)
    #expect(bench.counters.thin == 0)
    bench.frames.damage(slots[1])
    #expect(try bench.read(1) == content(1))
  }

  @Test func aBlockWithOneCopyThatFailsIsLostAndNotMoved() throws {
    var bench = try StoreBench(blocks: 3, copies: 1, slotsPerShelf: 6)
    try bench.write(1, content(1))
    let old = bench.slots(1)[0]
    bench.frames.damage(old)
    #expect(bench.readRaw(1) == (zeroes, .damaged(BlockNumber(1))))
    #expect(bench.counters.relocated == 0)
    // The next content leaves the frame, which is out of use then.
    try bench.write(1, content(2))
    #expect(bench.slots(1)[0] != old)
    #expect(bench.counters.quarantined == 1)
  }
}
