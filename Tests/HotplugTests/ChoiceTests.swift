// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Hotplug
import Memory
import Testing

@testable import PageClasses

/// Which blocks are added: those that give most, that lie wholly in old
/// memory, and that give more than they cost.
@Suite struct ChoiceTests {
  /// A block of 128 MiB.
  private let block: UInt64 = 32_768

  private func request(
    _ frames: UInt64,
    block: UInt64 = 32_768
  ) throws -> BlockRequest {
    try #require(
      BlockRequest(
        frames: frames,
        blockFrames: block,
        memmapFrames: block / 64
      )
    )
  }

  private func range(_ start: UInt64, _ count: UInt64) -> FrameRange {
    FrameRange(start: FrameNumber(start), count: count)
  }

  private func run(_ start: UInt64, _ count: UInt64) -> ReusableRun {
    ReusableRun(
      frames: range(start, count),
      pageClass: .free,
      order: 0,
      list: nil
    )
  }

  /// Offers runs until they are enough, and says which blocks are chosen, by
  /// number.
  private func choose(
    _ request: BlockRequest,
    allowed: [FrameRange],
    _ runs: [ReusableRun]
  ) throws -> (blocks: [UInt64], frames: UInt64) {
    var tally = BlockTally(request, allowed: allowed)
    for run in runs where !tally.visit(run) { break }
    let choice = try tally.choose()
    let blocks = choice.blocks.map { $0.value / request.blockFrames }
    return (blocks, choice.frames)
  }

  @Test func thoseThatGiveMostComeFirst() throws {
    let runs = [
      run(1 * block, 1000), run(2 * block, 9000), run(3 * block + 77, 4000),
      run(2 * block + 9000, 1000), run(4 * block, 600),
    ]
    let all = [range(0, 8 * block)]
    let one = try choose(request(10_000), allowed: all, runs)
    #expect(one.blocks == [2])
    #expect(one.frames == 10_000)
    let two = try choose(request(10_001), allowed: all, runs)
    #expect(two.blocks == [2, 3])
    let four = try choose(request(1_000_000), allowed: all, runs)
    #expect(four.blocks == [2, 3, 1, 4])
    #expect(four.frames == 15_600)
  }

  @Test func noneIsTakenThatLiesPartlyElsewhere() throws {
    // The capture kernel has the middle of block 2; block 0 begins with what
    // was no memory, and block 5 ends with it.
    let allowed = [
      range(160, 2 * block + 5000 - 160),
      range(2 * block + 9000, 3 * block - 9001),
    ]
    let runs = (0..<7).map { run($0 * block + 10_000, 20_000) }
    let choice = try choose(request(1_000_000), allowed: allowed, runs)
    #expect(choice.blocks == [1, 3])
  }

  @Test func aRunAcrossBlocksCountsForEach() throws {
    let choice = try choose(
      request(1_000_000),
      allowed: [range(0, 4 * block)],
      [run(block - 3000, block + 5000)]
    )
    #expect(choice.blocks == [1, 0, 2])
    #expect(choice.frames == block + 5000)
  }

  @Test func whatCostsMoreThanItGivesIsRefused() throws {
    let allowed = [range(0, 4 * block)]
    // A block's struct pages take 512 frames.
    #expect(throws: BlockRefusal.notWorthIt(best: 512, cost: 512)) {
      try choose(request(1000), allowed: allowed, [run(block, 512)])
    }
    let choice = try choose(
      request(1000),
      allowed: allowed,
      [run(block, 513), run(2 * block, 512)]
    )
    #expect(choice.blocks == [1])
    #expect(throws: BlockRefusal.notWorthIt(best: 0, cost: 512)) {
      try choose(request(1000), allowed: allowed, [])
    }
  }

  @Test func blocksOfTwoGibibytesAreTakenOrRefusedWithTheReason() throws {
    let large: UInt64 = 524_288
    let runs = [run(large + 1000, 300_000), run(2 * large, 500_000)]
    let choice = try choose(
      request(65_536, block: large),
      allowed: [range(256, 4 * large)],
      runs
    )
    #expect(choice.blocks == [2])
    #expect(throws: BlockRefusal.noBlock(frames: large)) {
      try choose(
        request(65_536, block: large),
        allowed: [range(256, 2 * large - 257)],
        runs
      )
    }
  }

  @Test func theSearchEndsWithBlocksThatAreNearlyFree() throws {
    var tally = BlockTally(try request(block), allowed: [range(0, 64 * block)])
    // Before the blocks are all, one is not enough.
    var answers = [tally.visit(run(5 * block, block / 2))]
    answers.append(tally.visit(run(5 * block + block / 2, block / 2)))
    answers.append(tally.visit(run(9 * block, block - 100)))
    #expect(answers == [true, true, false])
    // Or when a machine in crumbs has been seen long enough.
    tally.startOver()
    var visits = 0
    while tally.visit(run(UInt64(visits % 64) * block, 256)) { visits += 1 }
    #expect(visits == 16 * 128 - 1)
  }

  @Test func aListThatNamesFramesTwiceGivesNoMoreThanABlock() throws {
    let choice = try choose(
      request(1_000_000),
      allowed: [range(0, 2 * block)],
      [run(block, 30_000), run(block, 30_000)]
    )
    #expect(choice.frames == block)
  }

  @Test func thereAreNoBlocksOfStrangeSizes() {
    for frames: UInt64 in [0, 1, 63, 32_767, 98_304, 1 << 25] {
      #expect(
        BlockRequest(frames: 1, blockFrames: frames, memmapFrames: 1) == nil
      )
    }
    #expect(
      BlockRequest(frames: 1, blockFrames: 64, memmapFrames: 64) == nil
    )
  }

  @Test func whatIsNotTheKernelsMayCostItNoMoreThanItsBudget() throws {
    func most(_ budget: UInt64?) throws -> Int {
      try #require(
        BlockRequest(
          frames: 1 << 20,
          blockFrames: 32_768,
          memmapFrames: 512,
          budget: budget
        )
      ).mostBlocks
    }
    #expect(try most(nil) == 256)
    #expect(try most(512 * 3 + 511) == 3)
    #expect(try most(511) == 0)
    #expect(try most(1 << 40) == 256)
  }

  @Test func aBlockThatCannotBePaidForIsRefused() throws {
    let request = try #require(
      BlockRequest(
        frames: 1,
        blockFrames: block,
        memmapFrames: 512,
        budget: 511
      )
    )
    #expect(throws: BlockRefusal.tooDear(cost: 512)) {
      try choose(request, allowed: [range(0, block)], [run(0, block)])
    }
  }

  @Test func whatMayNotBeAddedDoesNotEndTheSearch() throws {
    // Far more than is wanted, and none of it in a block that is allowed.
    let choice = try choose(
      request(1),
      allowed: [range(0, block), range(50 * block, block)],
      [run(8 * block, 32 * block), run(0, 1000)]
    )
    #expect(choice.frames == 1000)
  }
}
