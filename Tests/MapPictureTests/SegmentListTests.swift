// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import Testing

@testable import MapPicture

/// A list has room for a machine of any size, and says so where it had to sum
/// up.
@Suite struct SegmentListTests {
  /// Runs of a few frames each, and now and then of many, with holes.
  private func runs(
    _ count: Int,
    seed: UInt64
  ) -> [(FrameRange, FrameSort)] {
    var numbers = Sequence64(seed: seed)
    var frame: UInt64 = 0
    return (0..<count).map { _ in
      if Int.random(in: 0..<500, using: &numbers) == 0 { frame += 1000 }
      let isLong = Int.random(in: 0..<20, using: &numbers) == 0
      let length = UInt64.random(in: 1...(isLong ? 5000 : 9), using: &numbers)
      let run = FrameRange(start: FrameNumber(frame), count: length)
      frame += length
      let pageClass = PageClass.allCases.randomElement(using: &numbers)
      let veto: Veto? = Bool.random(using: &numbers) ? .locked : nil
      let isLent = Int.random(in: 0..<1000, using: &numbers) == 0
      let judgement = Judgement(pageClass ?? .free, isLent ? nil : veto)
      return (run, FrameSort(judgement, shelf: isLent ? 1 : 0))
    }
  }

  private func list(
    _ runs: [(FrameRange, FrameSort)],
    limit: Int
  ) -> SegmentList {
    var list = SegmentList(limit: limit)
    for (frames, sort) in runs { list.add(frames, sort) }
    list.finish()
    return list
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func nothingIsLostWhereItIsFull(seed: UInt64) {
    let runs = runs(8000, seed: seed)
    let whole = list(runs, limit: 1 << 19)
    let folded = list(runs, limit: 300)
    #expect(whole.grain == 1 && folded.grain > 1)
    #expect(folded.segments.count <= 300)
    func sum(_ list: SegmentList, _ value: (MapSegment) -> UInt64) -> UInt64 {
      list.segments.reduce(0) { $0 + value($1) }
    }
    #expect(sum(whole) { $0.frames.count } == sum(folded) { $0.frames.count })
    #expect(sum(whole) { $0.reusable } == sum(folded) { $0.reusable })
    #expect(
      whole.segments.filter { $0.sort.shelf > 0 }
        == folded.segments.filter { $0.sort.shelf > 0 }
    )
    for (a, b) in zip(folded.segments, folded.segments.dropFirst()) {
      #expect(a.frames.end <= b.frames.start)
    }
    for segment in folded.segments {
      #expect(segment.certain <= segment.frames.count)
      #expect(segment.reusable <= segment.frames.count)
      // What is summed up is short, and in one stretch.
      guard !segment.isExact else { continue }
      #expect(segment.frames.count < 2 * folded.grain)
      // So many are of that sort, by the list that has all.
      let end = segment.frames.end
      let known = whole.segments.filter {
        $0.sort == segment.sort && $0.frames.overlaps(segment.frames)
      }.reduce(UInt64(0)) {
        let low = max($1.frames.start, segment.frames.start).value
        return $0 + min($1.frames.end, end).value - low
      }
      #expect(segment.certain <= known)
    }
  }

  /// What cannot be summed up takes as much room as it needs, and no endless
  /// time.
  @Test func aMachineOfHolesTakesMore() {
    var list = SegmentList(limit: 64)
    let sort = FrameSort(Judgement(.free, nil))
    for index in 0..<20_000 as Range<UInt64> {
      list.add(FrameRange(start: FrameNumber(index * 2), count: 1), sort)
    }
    list.finish()
    #expect(list.segments.count == 20_000)
  }

  @Test func theOrderDoesNotMatter() {
    let runs = runs(3000, seed: 7)
    var numbers = Sequence64(seed: 1)
    let sorted = list(runs, limit: 1 << 19)
    var other = list(runs.shuffled(using: &numbers), limit: 1 << 19)
    other.finish()
    let frames = other.segments.flatMap { segment in
      (segment.frames.start.value..<segment.frames.end.value).map {
        ($0, segment.sort)
      }
    }
    let expected = sorted.segments.flatMap { segment in
      (segment.frames.start.value..<segment.frames.end.value).map {
        ($0, segment.sort)
      }
    }
    let isSame = frames.elementsEqual(expected) { $0 == $1 }
    #expect(isSame)
  }

  @Test func aFrameThatComesTwiceIsThereOnce() {
    let sort = FrameSort(Judgement(.free, nil))
    let other = FrameSort(Judgement(.slab, .dumpLevel))
    var list = SegmentList()
    list.add(FrameRange(start: FrameNumber(10), count: 10), sort)
    list.add(FrameRange(start: FrameNumber(5), count: 10), other)
    list.add(FrameRange(start: FrameNumber(12), count: 2), other)
    list.finish()
    #expect(list.segments.map(\.frames.start.value) == [5, 15])
    #expect(list.segments.map(\.frames.count) == [10, 5])
  }
}
