// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import FramePool

/// The shelves as runs.
@Suite struct ShelfTests {
  @Test func everyShelfHasItsOwnFramesAndAsManyAsTheOthers() throws {
    var random = SplitMix(state: 6)
    for _ in 0..<100 {
      let copies = Int.random(in: 1...3, using: &random)
      let request = try FrameRequest(
        blocks: 200,
        copies: copies,
        reserve: 0,
        minimumRun: 4,
        maximumRuns: 64
      )
      var pool = FramePool(request, excluding: [])
      var next: UInt64 = 5
      for _ in 0..<40 {
        let count = UInt64.random(in: 4...40, using: &random)
        pool.offer(FrameRange(start: FrameNumber(next), count: count))
        next += count + UInt64.random(in: 0...3, using: &random)
      }
      let selection = pool.select()
      let bad = (0..<selection.slotCount).filter { _ in
        Int.random(in: 0..<20, using: &random) == 0
      }
      let shelves = selection.shelves(without: bad)
      #expect(shelves.count == copies)
      let counts = Set(shelves.map { $0.reduce(0) { $0 + $1.count } })
      #expect(counts.count == 1)
      var seen = Set<UInt64>()
      for (shelf, runs) in shelves.enumerated() {
        for run in runs {
          for frame in run.start.value..<run.end.value {
            #expect(seen.insert(frame).inserted)
            let slot = try #require(
              (0..<selection.slotCount).first {
                selection.frame(of: $0)?.value == frame
              }
            )
            #expect(Int(slot / selection.framesPerShelf) == shelf)
            #expect(!bad.contains(slot))
          }
        }
      }
    }
  }
}
