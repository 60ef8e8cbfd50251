// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses

/// Frames of one class that follow one another.
struct PooledRun: Equatable {
  var frames: FrameRange
  var pageClass: PageClass

  /// Whether the other one should rather be lent: it is of a class that
  /// comes first, or longer; and no run that is too short to be lent, of
  /// fewer frames than `minimum`, is better than one that is not.
  func isWorse(than other: PooledRun, minimum: UInt64) -> Bool {
    let isShort = frames.count < minimum
    guard isShort == (other.frames.count < minimum) else { return isShort }
    let own = pageClass.preference
    let others = other.pageClass.preference
    return own == others ? frames.count < other.frames.count : own > others
  }
}

/// A fixed number of runs: when there is no room, the worst gives way.
///
/// While there is room, runs are kept as they come. A full table is sorted and
/// merged; when that no longer helps, it becomes a heap with the worst run on
/// top, so that each further run costs a few steps.
struct RunTable: ~Copyable {
  /// The table's memory, allocated once; the first `count` are runs.
  private(set) var runs: [PooledRun]
  private(set) var count = 0
  /// The fewest frames that a run must have to be lent.
  private let minimum: UInt64
  /// Frames with which no run goes on, in order.
  private let borders: [FrameNumber]
  private var isHeap = false
  private var isMergingWorthwhile = true
  /// Runs that gave way, whole.
  private(set) var droppedRuns: UInt64 = 0
  /// The frames of those runs.
  private(set) var droppedFrames: UInt64 = 0

  init(capacity: Int, minimum: UInt64 = 1, borders: [FrameNumber] = []) {
    self.minimum = minimum
    self.borders = borders
    runs = Array(
      repeating: PooledRun(
        frames: FrameRange(start: FrameNumber(0), count: 0),
        pageClass: .free
      ),
      count: capacity
    )
  }

  mutating func add(_ run: FrameRange, of pageClass: PageClass) {
    guard !run.isEmpty else { return }
    if !isHeap, count > 0, runs[count - 1].pageClass == pageClass,
      runs[count - 1].frames.end == run.start, !isBorder(run.start)
    {
      runs[count - 1].frames.count += run.count
      return
    }
    let run = PooledRun(frames: run, pageClass: pageClass)
    if !isHeap, count == runs.count { makeRoom() }
    if count < runs.count {
      runs[count] = run
      count += 1
    } else if runs[0].isWorse(than: run, minimum: minimum) {
      drop(runs[0])
      runs[0] = run
      let minimum = minimum
      siftDown(0, count) { $0.isWorse(than: $1, minimum: minimum) }
    } else {
      drop(run)
    }
  }

  /// Sorts the runs by address, makes one of those that touch and are of one
  /// class, and cuts what overlaps: no frame is there twice.
  mutating func sortAndMerge() {
    sort {
      $0.frames.start == $1.frames.start
        ? $1.pageClass.rawValue < $0.pageClass.rawValue
        : $0.frames.start > $1.frames.start
    }
    isHeap = false
    var kept = 0
    for index in 0..<count {
      var run = runs[index]
      if kept > 0 {
        let last = runs[kept - 1]
        if run.frames.start < last.frames.end {
          guard run.frames.end > last.frames.end else { continue }
          let start = last.frames.end
          run.frames = FrameRange(
            start: start,
            count: run.frames.end.value - start.value
          )
        }
        if run.frames.start == last.frames.end,
          run.pageClass == last.pageClass,
          !isBorder(run.frames.start)
        {
          runs[kept - 1].frames.count += run.frames.count
          continue
        }
      }
      runs[kept] = run
      kept += 1
    }
    count = kept
  }

  /// Drops the worst runs until there are at most `limit`; the order by
  /// address is kept.
  mutating func keepLongest(_ limit: Int) {
    guard count > limit else { return }
    let minimum = minimum
    makeHeap { $0.isWorse(than: $1, minimum: minimum) }
    while count > limit {
      drop(runs[0])
      count -= 1
      runs[0] = runs[count]
      siftDown(0, count) { $0.isWorse(than: $1, minimum: minimum) }
    }
    sort { $0.frames.start > $1.frames.start }
  }

  /// Gives each run the length that `body` says, in order; those of no
  /// frames disappear.
  mutating func trim(_ body: (PooledRun) -> UInt64) {
    var kept = 0
    for index in 0..<count {
      var run = runs[index]
      run.frames.count = body(run)
      guard !run.frames.isEmpty else { continue }
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
    runs[index].frames.count = frames
    runs[index + 1].frames = FrameRange(
      start: FrameNumber(run.frames.start.value + frames),
      count: run.frames.count - frames
    )
    runs[index + 1].pageClass = run.pageClass
  }

  mutating func setCount(_ index: Int, _ frames: UInt64) {
    runs[index].frames.count = frames
  }

  private func isBorder(_ frame: FrameNumber) -> Bool {
    // A handful of nodes.
    for border in borders where border == frame { return true }
    return false
  }

  private mutating func makeRoom() {
    if isMergingWorthwhile {
      sortAndMerge()
      // A table that is nearly full again would be sorted for each few runs.
      isMergingWorthwhile = count <= runs.count - runs.count / 8
    }
    if count == runs.count {
      let minimum = minimum
      makeHeap { $0.isWorse(than: $1, minimum: minimum) }
      isHeap = true
    }
  }

  private mutating func drop(_ run: PooledRun) {
    droppedRuns &+= 1
    droppedFrames &+= run.frames.count
  }
}

/// Heaps in place: the library's sort would allocate.
extension RunTable {
  private mutating func sort(
    after isAfter: (PooledRun, PooledRun) -> Bool
  ) {
    makeHeap(isAfter)
    var end = count
    while end > 1 {
      end -= 1
      runs.swapAt(0, end)
      siftDown(0, end, isAfter)
    }
  }

  private mutating func makeHeap(_ above: (PooledRun, PooledRun) -> Bool) {
    var root = count / 2
    while root > 0 {
      root -= 1
      siftDown(root, count, above)
    }
  }

  private mutating func siftDown(
    _ root: Int,
    _ end: Int,
    _ above: (PooledRun, PooledRun) -> Bool
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
