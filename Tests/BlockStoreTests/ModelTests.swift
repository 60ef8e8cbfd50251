// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

/// A store beside an array of blocks, under the same random operations.
@Suite struct ModelTests {
  static let blocks: UInt32 = 24
  static let slotsPerShelf: UInt32 = 17

  @Test(arguments: 0..<24 as Range<UInt64>)
  func answersAsAPlainArrayDoesWhateverIsDamaged(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var bench = try StoreBench(
      blocks: Self.blocks,
      copies: Int(seed % 4) + 1,
      slotsPerShelf: Self.slotsPerShelf
    )
    var model = [[UInt8]](repeating: zeroes, count: Int(Self.blocks))
    for step in 0..<300 {
      let block = UInt32.random(in: 0..<Self.blocks, using: &random)
      let index = Int(block)
      switch Int.random(in: 0..<10, using: &random) {
      case 0...3:
        let new = content(step)
        do throws(StoreError) {
          try bench.write(block, new)
          model[index] = new
        } catch {
          #expect(error == .full(BlockNumber(block)))
          // No shelf has a frame that is neither used nor out of use.
          for shelf in 0..<bench.store.shape.copies {
            #expect(bench.store.tables.freeSlots(shelf) == 0)
          }
        }
      case 4:
        try bench.write(block, zeroes)
        model[index] = zeroes
      case 5:
        try bench.discard(block)
        model[index] = zeroes
      case 6:
        let slots = 0..<bench.frames.slotCount
        bench.frames.damage(.random(in: slots, using: &random))
      default:
        check(&bench, block, model[index])
      }
      let held = (0..<Self.blocks).reduce(0) { $0 + bench.slots($1).count }
      #expect(bench.counters.slotsUsed == UInt64(held))
    }
    for block in 0..<Self.blocks { check(&bench, block, model[Int(block)]) }
    let slots = (0..<Self.blocks).flatMap { bench.slots($0) }
    #expect(Set(slots).count == slots.count)
  }

  /// Reads a block and expects its content, mended, or an error when no copy
  /// of it is left.
  private func check(
    _ bench: inout StoreBench,
    _ block: UInt32,
    _ expected: [UInt8]
  ) {
    let copies = bench.slots(block).map { bench.frames[$0] }
    let (found, failure) = bench.readRaw(block)
    if expected == zeroes || copies.contains(expected) {
      #expect(failure == nil)
      #expect(found == expected)
      let first = bench.slots(block).first
      if let first { #expect(bench.frames[first] == expected) }
    } else {
      #expect(failure == .damaged(BlockNumber(block)))
      #expect(found == zeroes)
    }
  }
}
