// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct BlockDeviceTests {
  /// Whatever serves blocks, as a frontend sees it.
  private func serve<Device: BlockDevice & ~Copyable>(
    _ device: inout Device,
    write range: BlockRange,
    _ content: [UInt8]
  ) throws(StoreError) {
    try device.write(range, from: content.span.bytes)
    try device.flush()
  }

  private func serve<Device: BlockDevice & ~Copyable>(
    _ device: inout Device,
    read range: BlockRange,
    byteCount: Int? = nil
  ) throws(StoreError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0x77, count: byteCount ?? range.byteCount)
    var span = buffer.mutableSpan
    var bytes = span.mutableBytes
    try device.read(range, into: &bytes)
    return buffer
  }

  private func range(_ start: UInt32, _ count: UInt32) -> BlockRange {
    BlockRange(start: BlockNumber(start), count: count)
  }

  @Test func requestsOfManyBlocksReachEachOfThem() throws {
    var bench = try StoreBench(blocks: 16)
    let bytes = content(1) + zeroes + content(2)
    try serve(&bench.store, write: range(5, 3), bytes)
    #expect(try bench.read(5) == content(1))
    #expect(try bench.read(6) == zeroes)
    #expect(try bench.read(7) == content(2))
    #expect(
      try serve(&bench.store, read: range(4, 5)) == zeroes + bytes + zeroes
    )
    #expect(bench.counters.slotsUsed == 4)
    try bench.store.discard(range(0, 6))
    try bench.store.writeZeroes(range(6, 10))
    #expect(bench.counters.slotsUsed == 0)
    #expect(bench.counters.discards == 6)
    #expect(bench.counters.writes == 3)
    #expect(bench.counters.zeroes == 11)
    #expect(bench.counters.reads == 8)
  }

  @Test func anExtentIsOfHolesOrOfWhatIsHeld() throws {
    var bench = try StoreBench(blocks: 16)
    func extent(_ start: UInt32, _ count: UInt32) -> (UInt32, Bool) {
      let extent = bench.store.extent(of: range(start, count))
      return (extent.count, extent.isHole)
    }
    #expect(extent(0, 16) == (16, true))
    try serve(
      &bench.store,
      write: range(3, 4),
      content(1) + zeroes + content(2) + content(3)
    )
    #expect(extent(0, 16) == (3, true))
    #expect(extent(3, 13) == (1, false))
    // What was written as zeroes is a hole.
    #expect(extent(4, 1) == (1, true))
    #expect(extent(5, 11) == (2, false))
    #expect(extent(5, 1) == (1, false))
    #expect(extent(7, 9) == (9, true))
    // Nobody asks beyond the end, but nobody is led there either.
    #expect(extent(15, 2) == (2, false))
    try bench.store.discard(range(0, 16))
    #expect(extent(0, 16) == (16, true))
  }

  /// A hole would be copied as zeroes.
  @Test func aDamagedEntryIsNoHole() throws {
    var bench = try StoreBench(blocks: 4)
    try serve(&bench.store, write: range(1, 1), content(1))
    for copy in 0..<bench.store.shape.copies {
      bench.store.tables.setSlotWord(.absent, of: BlockNumber(1), copy: copy)
    }
    #expect(bench.store.extent(of: range(1, 1)).isHole == false)
  }

  @Test func oneDamagedBlockFailsTheWholeRequest() throws {
    var bench = try StoreBench(blocks: 4, copies: 1)
    let bytes = content(1) + content(2) + content(3)
    try serve(&bench.store, write: range(0, 3), bytes)
    bench.frames.damage(bench.slots(1)[0])
    #expect(throws: StoreError.damaged(BlockNumber(1))) {
      _ = try serve(&bench.store, read: range(0, 3))
    }
  }

  @Test func requestsBeyondTheEndAreRefusedWhole() throws {
    var bench = try StoreBench(blocks: 4)
    let ranges = [
      range(4, 1), range(3, 2), range(0, 5), range(.max, 1),
      range(.max, .max),
    ]
    for range in ranges {
      #expect(throws: StoreError.outOfRange(range)) {
        try bench.store.discard(range)
      }
      #expect(throws: StoreError.outOfRange(range)) {
        try bench.store.writeZeroes(range)
      }
    }
    #expect(throws: StoreError.outOfRange(range(3, 2))) {
      try serve(&bench.store, write: range(3, 2), content(1) + content(2))
    }
    #expect(throws: StoreError.outOfRange(range(3, 2))) {
      _ = try serve(&bench.store, read: range(3, 2))
    }
    #expect(bench.counters.slotsUsed == 0)
    // The end itself is no block, but a request of none may start there.
    try bench.store.discard(range(4, 0))
  }

  @Test(arguments: [0, 4095, 4097, 8191, 8193])
  func aBufferOfAnotherLengthIsRefused(bytes: Int) throws {
    var bench = try StoreBench(blocks: 4)
    let range = range(0, 2)
    let error = StoreError.bufferMismatch(range, byteCount: bytes)
    #expect(throws: error) {
      _ = try serve(&bench.store, read: range, byteCount: bytes)
    }
    #expect(throws: error) {
      try serve(&bench.store, write: range, Array(repeating: 1, count: bytes))
    }
  }

  @Test func onlyWholeBlocksMakeARange() {
    #expect(BlockRange(byteOffset: 8192, byteCount: 4096) == range(2, 1))
    #expect(BlockRange(byteOffset: 0, byteCount: 0) == range(0, 0))
    #expect(BlockRange(byteOffset: 512, byteCount: 4096) == nil)
    #expect(BlockRange(byteOffset: 4096, byteCount: 512) == nil)
    #expect(BlockRange(byteOffset: 1 << 44, byteCount: 4096) == nil)
    #expect(BlockRange(byteOffset: 0, byteCount: 1 << 44) == nil)
  }
}
