// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import FramePool
public import Memory
public import PageClasses

/// Takes what a scan says of each frame, and marks those of a selection.
public struct MapCollector: FrameVisitor {
  /// The runs that would be lent, in order of address.
  private let lent: [(frames: FrameRange, shelf: UInt8)]
  /// The first of them that may still come.
  private var next = 0
  /// What was taken so far.
  public private(set) var list: SegmentList

  /// Marks what `selection` would lend, if there is one.
  public init(_ selection: Selection?, limit: Int = 1 << 19) {
    list = SegmentList(limit: limit)
    guard let selection, selection.framesPerShelf > 0 else {
      lent = []
      return
    }
    lent = selection.runs.indices.map { index in
      let shelf = selection.firstSlots[index] / selection.framesPerShelf
      return (selection.runs[index], UInt8(clamping: shelf + 1))
    }
  }

  /// Takes frames that may be lent.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    add(run.frames, Judgement(run.pageClass, nil))
    return true
  }

  /// Takes frames that are kept.
  public mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    add(frames, judgement)
  }

  /// Forgets everything.
  public mutating func startOver() {
    next = 0
    list = SegmentList(limit: list.limit)
  }

  private mutating func add(_ frames: FrameRange, _ judgement: Judgement) {
    var rest = frames
    // A scan that goes back, as none does, looks from the start.
    if next > 0, lent[next - 1].frames.end > frames.start { next = 0 }
    while !rest.isEmpty {
      while next < lent.count, lent[next].frames.end <= rest.start {
        next += 1
      }
      var shelf: UInt8 = 0
      var end = rest.end
      if next < lent.count {
        let run = lent[next]
        if run.frames.contains(rest.start) {
          shelf = run.shelf
          end = min(end, run.frames.end)
        } else {
          end = min(end, run.frames.start)
        }
      }
      let part = FrameRange(
        start: rest.start,
        count: end.value - rest.start.value
      )
      list.add(part, FrameSort(judgement, shelf: shelf))
      rest = FrameRange(start: end, count: rest.count - part.count)
    }
  }
}
