// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import Testing

@Suite struct FramePoolTests {
  func select(
    _ request: FrameRequest,
    excluding exclusions: [FrameRange] = [],
    _ runs: [FrameRange]
  ) -> Selection {
    var pool = FramePool(request, excluding: exclusions)
    for run in runs { pool.offer(run) }
    return pool.select()
  }

  @Test func copiesLieInDistantPartsOfWhatWasOffered() throws {
    let request = try FrameRequest(blocks: 512, copies: 2)
    let selection = select(
      request,
      [range(300_000, 1024), range(0x1000, 1024), range(200_000, 1024)]
    )
    #expect(selection.runs == [range(0x1000, 512), range(200_512, 512)])
    // As a number: of an optional and a sum, swiftc 6.3.1 makes two AnyHashables
    // and copies a byte too many, as the address sanitizer sees.
    let distance = try #require(selection.distance)
    #expect(distance == 200_512 - 0x1000)
    #expect(!selection.isShort)
  }

  @Test func longRunsComeBeforeShortOnes() throws {
    let request = try FrameRequest(blocks: 1000, copies: 1)
    let shorts = (0..<100).map { range(0x1000 + $0 * 100, 16) }
    let selection = select(request, shorts + [range(90_000, 1024)])
    // 1000 frames are 63 minimum runs of 16.
    #expect(selection.runs == [range(90_000, 1008)])
  }

  @Test func shortRunsHelpOutWhenLongOnesAreTooFew() throws {
    let request = try FrameRequest(blocks: 1040, copies: 1)
    let shorts = (0..<4).map { range(0x1000 + $0 * 100, 16) }
    let selection = select(request, shorts + [range(90_000, 1024)])
    #expect(selection.runs == [range(0x1000, 16), range(90_000, 1024)])
  }

  @Test func shortRunsAreLeftAloneWhereLongOnesSufficeForAllCopies() throws {
    let request = try FrameRequest(blocks: 512, copies: 2)
    let shorts = (0..<64).map { range(0x1000 + $0 * 100, 16) }
    let selection = select(request, shorts + [range(90_000, 1024)])
    #expect(selection.runs == [range(90_000, 512), range(90_512, 512)])
    #expect(selection.distance == 512)
  }

  @Test func piecesThatTouchCountAsOneRun() throws {
    let request = try FrameRequest(blocks: 16, copies: 1)
    let selection = select(
      request,
      [range(108, 4), range(100, 8), range(112, 4)]
    )
    #expect(selection.runs == [range(100, 16)])
  }

  @Test func tooLittleMemoryGivesFewerBlocksInAsManyCopies() throws {
    let request = try FrameRequest(blocks: 1000, copies: 3, reserve: 24)
    let selection = select(request, [range(5000, 768 * 2)])
    #expect(selection.framesPerShelf == 512)
    #expect(selection.runs.count == 3)
    // The reserve keeps its part: 24 of 1024.
    #expect(selection.blocks == 500)
    #expect(selection.isShort)
  }

  @Test func noMemoryIsAnEmptySelection() throws {
    let request = try FrameRequest(blocks: 1000, copies: 2)
    let selection = select(request, [range(100, 15), range(200, 0)])
    #expect(selection.runs.isEmpty)
    #expect(selection.framesPerShelf == 0)
    #expect(selection.blocks == 0)
    #expect(selection.isShort)
    #expect(selection.distance == nil)
    #expect(selection.frame(of: 0) == nil)
    #expect(selection.leftAlone.shortFrames == 15)
  }

  @Test func anExclusionCutsARunInTwo() throws {
    let request = try FrameRequest(blocks: 48, copies: 1, minimumRun: 8)
    let selection = select(
      request,
      excluding: [range(110, 10), range(0, 96), range(118, 10)],
      [range(80, 70)]
    )
    // 96..<110 and 128..<150, in multiples of 8.
    #expect(selection.runs == [range(96, 8), range(128, 16)])
    #expect(selection.leftAlone.excludedFrames == 16 + 18)
  }

  @Test func theShortestRunGivesWayWhenThereAreTooMany() throws {
    let request = try FrameRequest(
      blocks: 100_000,
      copies: 2,
      minimumRun: 1,
      maximumRuns: 100
    )
    var random = SplitMix(state: 7)
    let lengths = (1...1000).shuffled(using: &random)
    let runs = lengths.enumerated().map {
      range(UInt64($0) * 2000, UInt64($1))
    }
    let selection = select(request, runs.shuffled(using: &random))
    #expect(selection.runs.count <= 100)
    // The 99 longest have 902 to 1000 frames; one more is the shelves' cut.
    let frames = (902...1000).reduce(0, +)
    #expect(selection.framesPerShelf == UInt32(frames / 2))
    #expect(selection.leftAlone.droppedRuns == 901)
    #expect(selection.leftAlone.droppedFrames == (1...901).reduce(0, +))
  }

  @Test func frameNumbersAtTheEndOfTheAddressSpaceDoNotTrap() throws {
    let request = try FrameRequest(blocks: .max, copies: 4, reserve: .max)
    let selection = select(
      request,
      excluding: [range(.max - 5, .max)],
      [range(0, .max), range(.max, .max), range(.max - 1, 1)]
    )
    #expect(selection.framesPerShelf == UInt32.max / 4 / 16 * 16)
    #expect(selection.copies == 4)
  }

  @Test func impossibleRequestsAreRefused() {
    #expect(throws: FramePoolError.copies(0)) {
      try FrameRequest(blocks: 1, copies: 0)
    }
    #expect(throws: FramePoolError.copies(5)) {
      try FrameRequest(blocks: 1, copies: 5)
    }
    #expect(throws: FramePoolError.minimumRun) {
      try FrameRequest(blocks: 1, copies: 1, minimumRun: 0)
    }
    #expect(throws: FramePoolError.maximumRuns(1)) {
      try FrameRequest(blocks: 1, copies: 2, maximumRuns: 1)
    }
    #expect(throws: FramePoolError.maximumRuns(65_531)) {
      try FrameRequest(blocks: 1, copies: 2, maximumRuns: 65_531)
    }
  }
}
