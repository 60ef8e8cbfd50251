// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

/// Damage of the slot maps and of what makes their search quick.
@Suite struct MapDamageTests {
  private func wipe(_ bench: borrowing StoreBench, with byte: UInt8) {
    let shape = bench.store.shape
    for place in shape.slotMapsOffset..<shape.pagesOffset {
      bench.region[place] = byte
    }
  }

  @Test(arguments: [0, 0x55, 0xaa, 0xff] as [UInt8], 1...4)
  func noFrameInUseIsGivenToAnotherBlock(byte: UInt8, copies: Int) throws {
    var bench = try StoreBench(blocks: 40, copies: copies, slotsPerShelf: 70)
    for block in 0..<30 { try bench.write(UInt32(block), content(block)) }
    wipe(bench, with: byte)
    for block in 30..<40 { try bench.write(UInt32(block), content(block)) }
    bench.scrubAll()
    for block in 0..<40 {
      #expect(try bench.read(UInt32(block)) == content(block))
    }
    #expect(bench.counters.mismatches == 0)
    #expect(bench.counters.canariesBroken == 0)
    #expect(bench.counters.slotsUsed == UInt64(40 * copies))
  }

  @Test(arguments: [0, 0x55, 0xff] as [UInt8])
  func noFrameInUseGetsACanary(byte: UInt8) throws {
    var bench = try StoreBench(blocks: 40, copies: 2)
    for block in 0..<40 { try bench.write(UInt32(block), content(block)) }
    // In the middle of a pass, when the blocks have been looked at.
    for _ in 0..<40 { _ = bench.store.scrub() }
    wipe(bench, with: byte)
    bench.scrubAll()
    for block in 0..<40 {
      #expect(try bench.read(UInt32(block)) == content(block))
    }
    #expect(bench.counters.mismatches == 0)
  }

  @Test(arguments: [0, 0xff] as [UInt8])
  func aShelfIsFullWhenItsMapSaysSo(byte: UInt8) throws {
    var bench = try StoreBench(blocks: 8, slotsPerShelf: 8)
    for block in 0..<4 { try bench.write(UInt32(block), content(block)) }
    for place in [256..<320, 512..<768].joined() {
      bench.region[place] = byte
    }
    for block in 4..<8 { try bench.write(UInt32(block), content(block)) }
    for block in 0..<8 as Range<UInt32> {
      #expect(bench.slots(block).count == 2)
    }
    #expect(bench.counters.refused == 0)
  }

  @Test func damagedEndsOfTheRingCostEventsAtMost() throws {
    for (put, taken) in [
      (UInt64.max, 0), (0, .max), (7, 1 << 40), (1 << 63, 1),
    ] as [(UInt64, UInt64)] {
      var bench = try StoreBench(blocks: 4)
      bench.region.storeBytes(of: put, toByteOffset: 192, as: UInt64.self)
      bench.region.storeBytes(of: taken, toByteOffset: 200, as: UInt64.self)
      #expect(bench.takeEvents().count <= 64)
      try bench.write(0, content(0))
      bench.frames.damage(bench.slots(0)[0])
      _ = try bench.read(0)
      #expect(bench.takeEvents().count == 1)
    }
  }
}
