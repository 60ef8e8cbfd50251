// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// A fixed number of runs: when there is no room, the shortest gives way.
///
/// While there is room, runs are kept as they come. A full table is sorted and
/// merged; when that no longer helps, it becomes a heap with the shortest run
/// on top, so that each further run costs a few steps.
struct RunTable: ~Copyable {
  /// The table's memory, allocated once; the first `count` are runs.
  private(set) var runs: [FrameRange]
  private(set) var count = 0
  private var isHeap = false
  private var isMergingWorthwhile = true
  /// Runs that gave way, whole.
  private(set) var droppedRuns: UInt64 = 0
  /// The frames of those runs.
  private(set) var droppedFrames: UInt64 = 0

  init(capacity: Int) {
    runs = Array(
      repeating: FrameRange(start: FrameNumber(0), count: 0),
      count: capacity
    )
  }

  mutating func add(_ run: FrameRange) {
    guard !run.isEmpty else { return }
    if !isHeap, count > 0, runs[count - 1].end == run.start {
      runs[count - 1].count += run.count
      return
    }
    if !isHeap, count == runs.count { makeRoom() }
    if count < runs.count {
      runs[count] = run
      count += 1
    } else if runs[0].count < run.count {
      drop(runs[0])
      runs[0] = run
      siftDown(0, count) { $0.count < $1.count }
    } else {
      drop(run)
    }
  }

  /// Sorts the runs by address and makes one of those that touch or overlap.
  mutating func sortAndMerge() {
    sort { $0.start > $1.start }
    isHeap = false
    var kept = 0
    for index in 0..<count {
      let run = runs[index]
      if kept > 0, run.start <= runs[kept - 1].end {
        let start = runs[kept - 1].start
        let end = max(runs[kept - 1].end, run.end)
        runs[kept - 1].count = end.value - start.value
      } else {
        runs[kept] = run
        kept += 1
      }
    }
    count = kept
  }

  /// Drops the shortest runs until there are at most `limit`; the order by
  /// address is kept.
  mutating func keepLongest(_ limit: Int) {
    guard count > limit else { return }
    makeHeap { $0.count < $1.count }
    while count > limit {
      drop(runs[0])
      count -= 1
      runs[0] = runs[count]
      siftDown(0, count) { $0.count < $1.count }
    }
    sort { $0.start > $1.start }
  }

  /// Gives each run the length that `body` says, in order; those of no
  /// frames disappear.
  mutating func trim(_ body: (FrameRange) -> UInt64) {
    var kept = 0
    for index in 0..<count {
      let run = FrameRange(start: runs[index].start, count: body(runs[index]))
      guard !run.isEmpty else { continue }
      runs[kept] = run
      kept += 1
    }
    count = kept
  }

  /// Cuts the run at `index` in two, the first of which has `frames`.
  ///
  /// There must be room for one more, and both parts must have a frame.
  mutating func split(_ index: Int, at frames: UInt64) {
    let run = runs[index]
    var last = count
    while last > index {
      runs[last] = runs[last - 1]
      last -= 1
    }
    count += 1
    runs[index].count = frames
    runs[index + 1] = FrameRange(
      start: FrameNumber(run.start.value + frames),
      count: run.count - frames
    )
  }

  mutating func setCount(_ index: Int, _ frames: UInt64) {
    runs[index].count = frames
  }

  private mutating func makeRoom() {
    if isMergingWorthwhile {
      sortAndMerge()
      // A table that is nearly full again would be sorted for each few runs.
      isMergingWorthwhile = count <= runs.count - runs.count / 8
    }
    if count == runs.count {
      makeHeap { $0.count < $1.count }
      isHeap = true
    }
  }

  private mutating func drop(_ run: FrameRange) {
    droppedRuns &+= 1
    droppedFrames &+= run.count
  }
}

/// Heaps in place: the library's sort would allocate.
extension RunTable {
  private mutating func sort(
    after isAfter: (FrameRange, FrameRange) -> Bool
  ) {
    makeHeap(isAfter)
    var end = count
    while end > 1 {
      end -= 1
      runs.swapAt(0, end)
      siftDown(0, end, isAfter)
    }
  }

  private mutating func makeHeap(_ above: (FrameRange, FrameRange) -> Bool) {
    var root = count / 2
    while root > 0 {
      root -= 1
      siftDown(root, count, above)
    }
  }

  private mutating func siftDown(
    _ root: Int,
    _ end: Int,
    _ above: (FrameRange, FrameRange) -> Bool
  ) {
    var root = root
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, above(runs[child + 1], runs[child]) { child += 1 }
      guard above(runs[child], runs[root]) else { return }
      runs.swapAt(root, child)
      root = child
    }
  }
}
