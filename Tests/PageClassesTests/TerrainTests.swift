// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import PageClasses
@testable import VMCore

@Suite struct TerrainTests {
  static func range(_ start: UInt64, _ count: UInt64) -> FrameRange {
    FrameRange(start: FrameNumber(start), count: count)
  }

  /// Frames 256 to 8191 and 8200 to 9999.
  let loads = LoadTable([
    LoadSegment(
      physical: PhysicalAddress(256 << 12),
      byteCount: (8192 - 256) << 12,
      fileOffset: 0
    ),
    LoadSegment(
      physical: PhysicalAddress(8200 << 12),
      byteCount: 1800 << 12,
      fileOffset: 0
    ),
  ])

  /// The pieces into which `frames` fall, with their vetoes.
  func pieces(
    _ frames: FrameRange,
    excluded: [FrameRange] = []
  ) -> [(Veto?, UInt64)] {
    let terrain = Terrain(excluded: excluded)
    var rest = frames
    var pieces: [(Veto?, UInt64)] = []
    while !rest.isEmpty {
      let (veto, count) = terrain.look(rest, loads)
      pieces.append((veto, count))
      rest = FrameRange(
        start: FrameNumber(rest.start.value + count),
        count: rest.count - count
      )
    }
    return pieces
  }

  @Test func aBlockIsCutAtEveryBoundary() {
    let cut = pieces(
      Self.range(4000, 6096),
      excluded: [Self.range(5000, 10), Self.range(4090, 10)]
    )
    #expect(
      cut.map(\.0) == [
        .dmaZone, .excluded, nil, .excluded, nil, .outsideLoad, nil,
        .outsideLoad,
      ]
    )
    #expect(cut.map(\.1) == [96, 4, 900, 10, 3182, 8, 1800, 96])
  }

  @Test func overlappingExclusionsAllCount() {
    let cut = pieces(
      Self.range(5000, 100),
      excluded: [
        Self.range(5010, 20), Self.range(5000, 15), Self.range(5020, 0),
        Self.range(5029, UInt64.max),
      ]
    )
    #expect(cut.allSatisfy { $0.0 == .excluded })
    #expect(cut.reduce(0) { $0 + $1.1 } == 100)
  }

  @Test func everyPieceHasAFrame() {
    let far = pieces(Self.range(UInt64.max - 4, 4))
    #expect(far.map(\.1) == [4])
    #expect(far.first?.0 == .outsideLoad)
  }
}
