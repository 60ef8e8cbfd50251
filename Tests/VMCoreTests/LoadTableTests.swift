// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import VMCore

@Suite struct LoadTableTests {
  func segment(
    _ physical: UInt64,
    _ count: UInt64,
    _ offset: UInt64
  ) -> LoadSegment {
    LoadSegment(
      physical: PhysicalAddress(physical),
      byteCount: count,
      fileOffset: offset
    )
  }

  @Test func textInsideTheDirectMapIsDropped() {
    let direct = segment(0x10_0000, 0x100_0000, 0x5000)
    let text = segment(0x20_0000, 0x1_0000, 0x1000)
    #expect(LoadTable([text, direct]).segments == [direct])
  }

  @Test func whatOverhangsIsKept() {
    let table = LoadTable([
      segment(0x3000, 0x4000, 0x90_0000), segment(0x1000, 0x3000, 0x1000),
    ])
    #expect(
      table.segments == [
        segment(0x1000, 0x3000, 0x1000), segment(0x4000, 0x3000, 0x90_1000),
      ]
    )
    #expect(table.byteCount == 0x6000)
    #expect(table.place(of: PhysicalAddress(0x4fff))?.fileOffset == 0x90_1fff)
    #expect(table.place(of: PhysicalAddress(0x4fff))?.byteCount == 0x2001)
    #expect(table.place(of: PhysicalAddress(0x7000)) == nil)
    #expect(table.place(of: PhysicalAddress(0xfff)) == nil)
  }

  @Test func orderInTheFileDoesNotMatter() {
    let segments = [
      segment(0, 0x9000, 0x1000), segment(0, 0x2000, 0x10_0000),
      segment(0x8000, 0x8000, 0x20_0000), segment(0x8000, 0x8000, 0x30_0000),
    ]
    let table = LoadTable(segments)
    #expect(LoadTable(segments.reversed()).segments == table.segments)
    #expect(table.segments.count == 2)
  }

  @Test func onlyWholeFramesCount() {
    let table = LoadTable([
      segment(0x1800, 0x2000, 0), segment(0x4000, 0x1fff, 0x10_0000),
      segment(UInt64.max - 0x800, 0x800, 0),
    ])
    let first = FrameRange(start: FrameNumber(2), count: 1)
    let second = FrameRange(start: FrameNumber(4), count: 1)
    #expect(table.frames(from: FrameNumber(0)) == first)
    #expect(table.frames(from: FrameNumber(2)) == first)
    #expect(table.frames(from: FrameNumber(3)) == second)
    #expect(table.frames(from: FrameNumber(5)) == nil)
    #expect(table.frames(from: FrameNumber(UInt64.max)) == nil)
  }
}
