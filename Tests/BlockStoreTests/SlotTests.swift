// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct SlotTests {
  @Test func absentBlocksAndZeroesTakeNoFrame() throws {
    var bench = try StoreBench(blocks: 8, slotsPerShelf: 2)
    for block in 0..<8 as Range<UInt32> {
      #expect(try bench.read(block) == zeroes)
      try bench.write(block, zeroes)
      try bench.store.writeZeroes(BlockNumber(block))
      #expect(try bench.read(block) == zeroes)
    }
    #expect(bench.counters.slotsUsed == 0)
    #expect(bench.counters.zeroes == 16)
    #expect(bench.frames.slotsRead.isEmpty)
  }

  @Test(arguments: [0, 7, 63, 64, 2048, 4088, 4095])
  func oneBitAnywhereIsNotZero(offset: Int) throws {
    var bench = try StoreBench(blocks: 1)
    var bytes = zeroes
    bytes[offset] = 0x80
    try bench.write(0, bytes)
    #expect(bench.counters.slotsUsed == 2)
    #expect(try bench.read(0) == bytes)
  }

  @Test func zeroesAndDiscardGiveFramesBack() throws {
    var bench = try StoreBench(blocks: 3, copies: 2)
    for block in 0..<3 as Range<UInt32> { try bench.write(block, content(1)) }
    #expect(bench.counters.slotsUsed == 6)
    try bench.write(0, zeroes)
    try bench.store.writeZeroes(BlockNumber(1))
    try bench.discard(2)
    #expect(bench.counters.slotsUsed == 0)
    for block in 0..<3 as Range<UInt32> {
      #expect(try bench.read(block) == zeroes)
    }
  }

  @Test(arguments: 1...4)
  func aFullShelfRefusesAndTheOldContentStays(copies: Int) throws {
    var bench = try StoreBench(blocks: 9, copies: copies, slotsPerShelf: 8)
    for block in 0..<8 { try bench.write(UInt32(block), content(block)) }
    #expect(throws: StoreError.full(BlockNumber(8))) {
      try bench.write(8, content(8))
    }
    #expect(bench.counters.refused == 1)
    #expect(bench.counters.slotsUsed == UInt64(8 * copies))
    #expect(try bench.read(8) == zeroes)
    // What has frames can still be written, and zeroes always.
    try bench.write(3, content(33))
    try bench.write(8, zeroes)
    try bench.discard(0)
    try bench.write(8, content(88))
    #expect(try bench.read(3) == content(33))
    #expect(try bench.read(8) == content(88))
  }

  @Test func copiesHaveTheSameIndexInTheirShelves() throws {
    var bench = try StoreBench(blocks: 100, copies: 3)
    var random = SplitMix(state: 1)
    for step in 0..<300 {
      let block = UInt32.random(in: 0..<100, using: &random)
      if Bool.random(using: &random) {
        try bench.write(block, content(step))
      } else {
        try bench.discard(block)
      }
      for (copy, slot) in bench.slots(block).enumerated() {
        #expect(slot == bench.slots(block)[0] + UInt32(copy) * 100)
      }
    }
  }

  @Test func anotherIndexServesWhereTheSameIsTaken() throws {
    var bench = try StoreBench(blocks: 4, copies: 2)
    let isTaken = bench.store.tables.takeSlot(1, index: 0)
    #expect(isTaken)
    try bench.write(0, content(1))
    #expect(bench.slots(0) == [0, 5])
    #expect(try bench.read(0) == content(1))
  }

  @Test func whereOneShelfIsFullABlockHasFewerCopies() throws {
    var bench = try StoreBench(blocks: 2, copies: 2, slotsPerShelf: 1)
    let isTaken = bench.store.tables.takeSlot(1, index: 0)
    #expect(isTaken)
    try bench.write(0, content(1))
    #expect(bench.slots(0) == [0])
    #expect(try bench.read(0) == content(1))
    #expect(bench.counters.thin == 1)
    // The next write makes up for it, where a frame is free again.
    bench.store.tables.giveBack(1, index: 0)
    try bench.write(0, content(2))
    #expect(bench.slots(0) == [0, 1])
    #expect(bench.counters.thin == 0)
  }

  @Test(arguments: [1, 31, 32, 33, 1000, 20_000] as [UInt32])
  func everySlotIsTakenOnceAndFoundAgainWhenFree(slots: UInt32) throws {
    var bench = try StoreBench(blocks: 0, copies: 1, slotsPerShelf: slots)
    var taken: [UInt32] = []
    while let slot = bench.store.tables.takeSlot(0) { taken.append(slot) }
    #expect(taken == Array(0..<slots))
    // The only free slot of a full shelf, wherever it is.
    var random = SplitMix(state: UInt64(slots))
    for _ in 0..<200 {
      let free = UInt32.random(in: 0..<slots, using: &random)
      bench.store.tables.giveBack(0, index: free)
      bench.store.tables.giveBack(0, index: free)
      #expect(bench.store.tables.freeSlots(0) == 1)
      #expect(bench.store.tables.takeSlot(0) == free)
      #expect(bench.store.tables.takeSlot(0) == nil)
    }
  }

  @Test func takenAndFreeSlotsAgreeWithASetOfThem() throws {
    var bench = try StoreBench(blocks: 0, copies: 1, slotsPerShelf: 20_011)
    var random = SplitMix(state: 3)
    var free = Set(0..<20_011 as Range<UInt32>)
    var used: [UInt32] = []
    for step in 0..<60_000 {
      // Mostly full in the second half.
      let taking = Int.random(in: 0..<10, using: &random) < 6
      if taking, let slot = bench.store.tables.takeSlot(0) {
        guard free.remove(slot) != nil else {
          Issue.record("slot \(slot) was not free at step \(step)")
          return
        }
        used.append(slot)
      } else if taking {
        #expect(free.isEmpty)
      } else if !used.isEmpty {
        let index = Int.random(in: 0..<used.count, using: &random)
        used.swapAt(index, used.count - 1)
        let slot = used.removeLast()
        bench.store.tables.giveBack(0, index: slot)
        free.insert(slot)
      }
    }
    #expect(bench.store.tables.freeSlots(0) == UInt32(free.count))
  }
}
