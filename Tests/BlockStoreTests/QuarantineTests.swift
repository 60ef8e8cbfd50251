// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct QuarantineTests {
  @Test(arguments: 1...4)
  func aStoreWithoutItsReserveStillHoldsAllItsBlocks(copies: Int) throws {
    // 40 blocks, 8 slots of each shelf the reserve, all of it lost: a burst
    // in the first shelf, single frames elsewhere.
    var bench = try StoreBench(blocks: 40, copies: copies, slotsPerShelf: 48)
    var lost: Set<UInt32> = Set(3..<11)
    for shelf in 1..<max(1, UInt32(copies)) {
      for index in 0..<8 as Range<UInt32> {
        lost.insert(shelf * 48 + index * 6 + shelf)
      }
    }
    for slot in lost {
      let isOut = bench.store.quarantine(slot)
      #expect(isOut)
    }
    #expect(bench.counters.quarantined == UInt64(8 * copies))
    #expect(bench.counters.slotsUsed == 0)
    for block in 0..<40 { try bench.write(UInt32(block), content(block)) }
    #expect(bench.counters.slotsUsed == UInt64(40 * copies))
    for block in 0..<40 {
      #expect(try bench.read(UInt32(block)) == content(block))
      for slot in bench.slots(UInt32(block)) { #expect(!lost.contains(slot)) }
    }
  }

  @Test func oneSlotMoreThanTheReserveCostsACopy() throws {
    var bench = try StoreBench(blocks: 4, copies: 2, slotsPerShelf: 5)
    for slot in [5, 6] as [UInt32] { bench.store.quarantine(slot) }
    for block in 0..<4 { try bench.write(UInt32(block), content(block)) }
    #expect(bench.slots(3) == [3])
    #expect(bench.counters.thin == 1)
    #expect(bench.takeEvents() == [.thinned(BlockNumber(3), copies: 1)])
  }

  @Test func quarantineIsForGood() throws {
    var bench = try StoreBench(blocks: 20, copies: 2, slotsPerShelf: 24)
    let lost: Set<UInt32> = [0, 1, 23, 24, 40]
    for slot in lost { bench.store.quarantine(slot) }
    for slot in lost {
      // Neither twice, nor back.
      let isOut = bench.store.quarantine(slot)
      #expect(!isOut)
      bench.store.tables.giveBack(Int(slot / 24), index: slot % 24)
    }
    #expect(bench.counters.quarantined == 5)
    var random = SplitMix(state: 1)
    for step in 0..<4000 {
      let block = UInt32.random(in: 0..<20, using: &random)
      if Bool.random(using: &random) {
        try bench.write(block, content(step))
      } else {
        try bench.discard(block)
      }
      for slot in bench.slots(block) { #expect(!lost.contains(slot)) }
    }
    let held = (0..<20 as Range<UInt32>).reduce(0) {
      $0 + bench.slots($1).count
    }
    #expect(bench.counters.slotsUsed == UInt64(held))
    #expect(bench.counters.quarantined == 5)
  }

  @Test func onlyAFreeSlotCanBePutOutOfUse() throws {
    var bench = try StoreBench(blocks: 4, copies: 2)
    try bench.write(0, content(1))
    for slot in bench.slots(0) + [8, .max] {
      let isOut = bench.store.quarantine(slot)
      #expect(!isOut)
    }
    #expect(bench.counters.quarantined == 0)
    #expect(try bench.read(0) == content(1))
  }

  @Test func theTablesRememberIt() throws {
    var bench = try StoreBench(blocks: 4, copies: 2, slotsPerShelf: 40)
    bench.store.quarantine(33)
    bench.store.quarantine(40)
    let maps = bench.store.shape.slotMapsOffset
    // Sixteen slots of two bits in the lower half of a word: 33 is the second
    // slot of the first shelf's third word, 40 the first of the second shelf.
    let header = ByteReader(bench.region.bytes)
    #expect(try header.u32(at: maps) == 0)
    #expect(try header.u32(at: maps + 16) == 2 << 2)
    #expect(try header.u32(at: maps + 24) == 2)
    #expect(try header.u32(at: HeaderField.freeSlots(0)) == 39)
    #expect(try header.u32(at: HeaderField.freeSlots(1)) == 39)
  }
}
