// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@Suite struct FrameTests {
  @Test func aRunEndsBeforeTheNextFrame() {
    let run = FrameRange(start: FrameNumber(10), count: 5)
    #expect(run.contains(FrameNumber(14)))
    #expect(!run.contains(FrameNumber(15)))
    #expect(run.overlaps(FrameRange(start: FrameNumber(14), count: 1)))
    #expect(!run.overlaps(FrameRange(start: FrameNumber(15), count: 1)))
    #expect(!run.overlaps(FrameRange(start: FrameNumber(12), count: 0)))
  }

  @Test func aRunNeverWrapsAround() {
    let run = FrameRange(start: FrameNumber(.max - 1), count: .max)
    #expect(run.end.value == UInt64.max)
  }

  @Test func whatLiesBelowALimitIsAPartOfIt() {
    let run = FrameRange(start: FrameNumber(10), count: 5)
    #expect(run.below(FrameNumber(9)).isEmpty)
    #expect(run.below(FrameNumber(10)).isEmpty)
    #expect(run.below(FrameNumber(12)).count == 2)
    #expect(run.below(FrameNumber(.max)) == run)
  }

  @Test func frameAndAddressAgree() {
    #expect(FrameNumber(containing: PhysicalAddress(0x1fff)).value == 1)
    #expect(FrameNumber(2).address == PhysicalAddress(0x2000))
    #expect(FrameNumber(1 << 52).address == nil)
  }
}
