// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

@Suite struct StoreShapeTests {
  @Test(arguments: [0, 1, 3, 1000, 65_536, 1 << 28 - 4] as [UInt32], 1...4)
  func tablesKeepToTheBudget(blocks: UInt32, copies: Int) throws {
    let slots = blocks / UInt32(copies)
    let shape = try StoreShape(
      blocks: blocks,
      copies: copies,
      slotsPerShelf: slots
    )
    let perBlock = (12 + 4 * copies) * Int(blocks)
    let perFrame = (4 * Int(shape.slotCount) + 7) / 8
    let fixed = 3 * 4096 + 8 + 8 * copies
    #expect(shape.tableByteCount <= perBlock + perFrame + fixed)
  }

  @Test func impossibleShapesAreRefused() {
    for (copies, slots) in [
      (0, 1), (5, 1), (-1, 1), (1, 1 << 28), (4, 1 << 26),
      (2, .max),
    ] as [(Int, UInt32)] {
      #expect(
        throws: StoreError.shape(
          blocks: 1,
          copies: copies,
          slotsPerShelf: slots
        )
      ) {
        _ = try StoreShape(blocks: 1, copies: copies, slotsPerShelf: slots)
      }
    }
  }

  /// The error of a store that is made with these.
  private func failure(
    _ shape: StoreShape,
    _ region: UnsafeMutableRawBufferPointer,
    slots: UInt32
  ) -> StoreError? {
    let frames = FragileFrames(slotCount: slots)
    do throws(StoreError) {
      _ = try BlockStore(
        formatting: region,
        shape: shape,
        seed: 0,
        frames: frames
      )
      return nil
    } catch {
      return error
    }
  }

  @Test func aRegionOrFramesThatDoNotSufficeAreRefused() throws {
    let shape = try StoreShape(blocks: 5, copies: 2, slotsPerShelf: 4)
    let size = shape.tableByteCount
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: size + 8,
      alignment: 8
    )
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let whole = UnsafeMutableRawBufferPointer(rebasing: memory[..<size])
    let short = UnsafeMutableRawBufferPointer(rebasing: memory[..<(size - 1)])
    let odd = UnsafeMutableRawBufferPointer(rebasing: memory[4..<(size + 4)])
    let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    #expect(
      failure(shape, short, slots: 8)
        == .regionTooSmall(needed: size, given: size - 1)
    )
    #expect(
      failure(shape, none, slots: 8)
        == .regionTooSmall(needed: size, given: 0)
    )
    #expect(failure(shape, odd, slots: 8) == .regionMisaligned)
    #expect(
      failure(shape, whole, slots: 7) == .framesTooFew(needed: 8, given: 7)
    )
    #expect(failure(shape, whole, slots: 8) == nil)
  }

  @Test func theHeaderSaysWhatTheRegionIs() throws {
    let bench = try StoreBench(blocks: 6, copies: 3, seed: 0x0102_0304)
    let span = bench.region.bytes
    let header = ByteReader(span)
    #expect(Array(bench.region[..<8]) == Array("oldmemBS".utf8))
    #expect(try header.u32(at: 8) == 2)
    #expect(try header.u32(at: 12) == 4096)
    #expect(try header.u32(at: 16) == 6)
    #expect(try header.u32(at: 20) == 3)
    #expect(try header.u32(at: 24) == 6)
    #expect(try header.u64(at: 32) == 0x0102_0304)
  }

  @Test func nothingOutsideTheTablesIsTouched() throws {
    let shape = try StoreShape(blocks: 7, copies: 3, slotsPerShelf: 33)
    let size = shape.tableByteCount
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: size + 16,
      alignment: 8
    )
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    for index in Array(0..<8) + Array((size + 8)..<(size + 16)) {
      memory[index] = 0xee
    }
    var store = try BlockStore(
      formatting: .init(rebasing: memory[8..<(size + 8)]),
      shape: shape,
      seed: 0,
      frames: FragileFrames(slotCount: shape.slotCount)
    )
    for block in 0..<7 as Range<UInt32> {
      let bytes = content(Int(block))
      try store.write(BlockNumber(block), from: bytes.span.bytes)
    }
    for index in Array(0..<8) + Array((size + 8)..<(size + 16)) {
      #expect(memory[index] == 0xee)
    }
  }

  @Test func aStoreWithoutBlocksAnswersNothing() throws {
    var bench = try StoreBench(blocks: 0)
    #expect(bench.store.byteCount == 0)
    let range = BlockRange(start: BlockNumber(0), count: 1)
    #expect(bench.readRaw(0).1 == .outOfRange(range))
  }
}
