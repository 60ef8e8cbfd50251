// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Hotplug
import Memory
import Testing

@testable import PageClasses

/// A bitmap has the frames that a search finds, and no other.
@Suite struct BitmapTests {
  private let block: UInt64 = 32_768

  private func visit(
    _ bitmaps: inout BlockBitmaps,
    _ start: UInt64,
    _ count: UInt64
  ) -> Bool {
    bitmaps.visit(
      ReusableRun(
        frames: FrameRange(start: FrameNumber(start), count: count),
        pageClass: .free,
        order: 0,
        list: nil
      )
    )
  }

  private func bitmaps(
    _ blocks: [UInt64],
    wanting frames: UInt64
  ) throws -> BlockBitmaps {
    let request = try #require(
      BlockRequest(frames: frames, blockFrames: block, memmapFrames: 512)
    )
    var tally = BlockTally(
      request,
      allowed: [FrameRange(start: FrameNumber(0), count: 64 * block)]
    )
    for (index, number) in blocks.enumerated() {
      _ = tally.visit(
        ReusableRun(
          frames: FrameRange(
            start: FrameNumber(number * block),
            count: 4000 - UInt64(index)
          ),
          pageClass: .free,
          order: 0,
          list: nil
        )
      )
    }
    let choice = try tally.choose()
    #expect(choice.blocks.map { $0.value / block } == blocks)
    return BlockBitmaps(choice, request)
  }

  private func runs(of bitmaps: borrowing BlockBitmaps, _ block: Int)
    -> [FrameRange]
  {
    var runs: [FrameRange] = []
    bitmaps.forEachRun(of: block) { runs.append($0) }
    return runs
  }

  @Test func runsComeBackAsTheyWere() throws {
    var map = try bitmaps([3, 7], wanting: 7999)
    for (start, count): (UInt64, UInt64) in [
      (3 * block, 1), (3 * block + 63, 66), (4 * block - 5, 10),
      (5 * block, 9000), (7 * block - 2, 10),
    ] {
      let goesOn = visit(&map, start, count)
      #expect(goesOn)
    }
    let frames = map.frames
    #expect(frames == 1 + 66 + 5 + 8)
    let (first, second) = (runs(of: map, 0), runs(of: map, 1))
    #expect(
      first == [
        FrameRange(start: FrameNumber(3 * block), count: 1),
        FrameRange(start: FrameNumber(3 * block + 63), count: 66),
        FrameRange(start: FrameNumber(4 * block - 5), count: 5),
      ]
    )
    #expect(
      second == [
        FrameRange(start: FrameNumber(7 * block), count: 8)
      ]
    )
  }

  @Test func bitsAreInTheOrderOfFrames() throws {
    var map = try bitmaps([3], wanting: 4000)
    _ = visit(&map, 3 * block + 1, 1)
    _ = visit(&map, 3 * block + 15, 2)
    _ = visit(&map, 4 * block - 1, 1)
    let bytes = Array(map.bitmap(of: 0))
    #expect(bytes.count == 4096)
    #expect(bytes[0] == 0x02)
    #expect(bytes[1] == 0x80)
    #expect(bytes[2] == 0x01)
    #expect(bytes[4095] == 0x80)
    #expect(bytes.reduce(0) { $0 + $1.nonzeroBitCount } == 4)
  }

  @Test func aSecondSearchEndsWithWhatTheFirstHasCounted() throws {
    var map = try bitmaps([3], wanting: 4000)
    var answers = [visit(&map, 3 * block, 3999)]
    // What is named twice is there once.
    answers.append(visit(&map, 3 * block, 3999))
    answers.append(visit(&map, 3 * block + 5000, 1))
    #expect(answers == [true, true, false])
    map.startOver()
    let (frames, left) = (map.frames, runs(of: map, 0))
    #expect(frames == 0)
    #expect(left.isEmpty)
  }
}
