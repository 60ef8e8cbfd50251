// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Picks, of all the runs that may be lent, those that will be.
///
/// Runs are offered one by one in any order, and its memory does not grow
/// with their number. It touches no memory but its own.
public struct FramePool: ~Copyable {
  /// What is wanted.
  public let request: FrameRequest

  /// The frames that were offered, not excluded and not dropped so far; one
  /// that was offered twice counts twice.
  ///
  /// A caller may stop offering at `request.frames`. What it offers beyond
  /// brings the copies further apart, and makes up for runs that are too
  /// short.
  public var heldFrames: UInt64 {
    acceptedFrames &- table.droppedFrames
  }

  private let exclusions: [FrameRange]
  private var table: RunTable
  private var acceptedFrames: UInt64 = 0
  private var excludedFrames: UInt64 = 0

  /// Gets ready for offers; no frame of `exclusions` will be chosen.
  public init(
    _ request: FrameRequest,
    excluding exclusions: [FrameRange]
  ) {
    self.request = request
    var sorted = RunTable(capacity: max(1, exclusions.count))
    for exclusion in exclusions { sorted.add(exclusion) }
    sorted.sortAndMerge()
    self.exclusions = Array(sorted.runs[..<sorted.count])
    // One more than may be chosen, for what the last cut leaves over.
    table = RunTable(capacity: request.maximumRuns + 1)
  }

  /// Considers the frames of `run` that are not excluded.
  public mutating func offer(_ run: FrameRange) {
    var start = run.start
    var index = firstExclusion(endingAfter: start)
    while index < exclusions.count, exclusions[index].start < run.end {
      let exclusion = exclusions[index]
      if start < exclusion.start { accept(start, exclusion.start) }
      let end = min(exclusion.end, run.end)
      excludedFrames &+= end.value - max(start, exclusion.start).value
      start = end
      index += 1
    }
    accept(start, run.end)
  }

  /// Chooses among all that was offered.
  public consuming func select() -> Selection {
    let unit = UInt64(request.minimumRun)
    let copies = UInt64(request.copies)
    var short: UInt64 = 0
    table.sortAndMerge()
    table.trim { run in
      short &+= run.count % unit
      return run.count - run.count % unit
    }
    keepBestClasses()
    // Room for the cuts between shelves.
    table.keepLongest(request.maximumRuns - (request.copies - 1))

    var total: UInt64 = 0
    for index in 0..<table.count { total += table.runs[index].count }
    let part = total / unit / copies * unit
    let length = min(part, request.framesPerShelf)
    var index = 0
    for _ in 0..<request.copies {
      let end = cutPart(from: index, frames: part)
      choose(index..<end, frames: length)
      index = end
    }
    // What the division left over at the end belongs to no shelf.
    while index < table.count {
      table.setCount(index, 0)
      index += 1
    }
    table.trim { $0.count }
    return Selection(
      request: request,
      framesPerShelf: UInt32(length),
      runs: Array(table.runs[..<table.count]),
      leftAlone: LeftAlone(
        excludedFrames: excludedFrames,
        shortFrames: short,
        droppedRuns: table.droppedRuns,
        droppedFrames: table.droppedFrames
      )
    )
  }

  private mutating func accept(_ start: FrameNumber, _ end: FrameNumber) {
    guard start < end else { return }
    acceptedFrames &+= end.value - start.value
    table.add(FrameRange(start: start, count: end.value - start.value))
  }

  private func firstExclusion(endingAfter frame: FrameNumber) -> Int {
    var low = 0
    var high = exclusions.count
    while low < high {
      let middle = (low + high) / 2
      if exclusions[middle].end > frame {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }
}

/// Which runs are better than others.
extension FramePool {
  /// A run's worth: the power of two that it has frames of.
  ///
  /// From 2 MiB on all are worth the same, for then the page tables cost more
  /// than the mapping.
  private static func lengthClass(_ run: FrameRange) -> Int {
    min(9, 63 - run.count.leadingZeroBitCount)
  }

  /// Drops the shorter classes that are not needed.
  private mutating func keepBestClasses() {
    var frames = InlineArray<10, UInt64>(repeating: 0)
    for index in 0..<table.count {
      frames[Self.lengthClass(table.runs[index])] += table.runs[index].count
    }
    var last = 9
    var sum = frames[last]
    while last > 0, sum < request.frames {
      last -= 1
      sum += frames[last]
    }
    table.trim { Self.lengthClass($0) < last ? 0 : $0.count }
  }

  /// Makes the runs from `first` on hold exactly `frames`, by a cut where the
  /// last of them has more, and says which run comes after.
  private mutating func cutPart(from first: Int, frames: UInt64) -> Int {
    var left = frames
    var index = first
    while index < table.count, left > 0 {
      let count = table.runs[index].count
      if count > left {
        table.split(index, at: left)
        return index + 1
      }
      left -= count
      index += 1
    }
    return index
  }

  /// Keeps `frames` of a part: long runs first, and of equal ones those at
  /// the part's start, as in all parts.
  private mutating func choose(_ part: Range<Int>, frames: UInt64) {
    var left = frames
    // The run that was cut counts as what it was.
    var cut: Int?
    for length in stride(from: 9, through: 0, by: -1) {
      for index in part where index != cut {
        let run = table.runs[index]
        guard !run.isEmpty, Self.lengthClass(run) == length else { continue }
        if run.count > left {
          if left > 0 { cut = index }
          table.setCount(index, left)
        }
        left -= min(left, run.count)
      }
    }
  }
}
