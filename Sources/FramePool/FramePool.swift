// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

/// Picks, of all the runs that may be lent, those that will be: of the classes
/// that come first, the longest, in as many parts of memory as there are
/// copies, on other nodes where that can be.
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
  private let nodes: [FrameRange]
  /// The frames that were offered of each node.
  private var nodeFrames: [UInt64]
  private var table: RunTable
  private var acceptedFrames: UInt64 = 0
  private var excludedFrames: UInt64 = 0

  /// Gets ready for offers; no frame of `exclusions` will be chosen.
  ///
  /// `nodes` are the NUMA nodes' spans in order of address, or none.
  public init(
    _ request: FrameRequest,
    excluding exclusions: [FrameRange],
    nodes: [FrameRange] = []
  ) {
    self.request = request
    self.nodes = nodes
    nodeFrames = Array(repeating: 0, count: nodes.count)
    var sorted = RunTable(capacity: max(1, exclusions.count))
    for exclusion in exclusions { sorted.add(exclusion, of: .free) }
    sorted.sortAndMerge()
    self.exclusions = sorted.runs[..<sorted.count].map { $0.frames }
    // One more than may be chosen, for what the last cut leaves over.
    table = RunTable(capacity: request.maximumRuns + 1)
  }

  /// Whether there is enough to choose copies from that lie far apart, on
  /// other nodes where there are several: offers may end here.
  public var isSated: Bool {
    guard heldFrames >= request.frames * 2 else { return false }
    let wanted = min(request.copies, nodes.count)
    // A node may have nothing to offer.
    guard wanted > 1, acceptedFrames < request.frames * 16 else { return true }
    var ready = 0
    for frames in nodeFrames where frames >= request.framesPerShelf {
      ready += 1
    }
    return ready >= wanted
  }

  /// Whether what was offered so far fills the request, so that classes which
  /// come later need not be offered.
  public mutating func isFilled() -> Bool {
    table.sortAndMerge()
    let unit = UInt64(request.minimumRun)
    var frames: UInt64 = 0
    for index in 0..<table.count {
      let count = table.runs[index].frames.count
      frames &+= count - count % unit
    }
    return frames >= request.frames
  }

  /// Considers the frames of `run` that are not excluded.
  public mutating func offer(
    _ run: FrameRange,
    of pageClass: PageClass = .free
  ) {
    var start = run.start
    var index = firstExclusion(endingAfter: start)
    while index < exclusions.count, exclusions[index].start < run.end {
      let exclusion = exclusions[index]
      if start < exclusion.start { accept(start, exclusion.start, pageClass) }
      let end = min(exclusion.end, run.end)
      excludedFrames &+= end.value - max(start, exclusion.start).value
      start = end
      index += 1
    }
    accept(start, run.end, pageClass)
  }

  /// Chooses among all that was offered.
  public consuming func select() -> Selection {
    let unit = UInt64(request.minimumRun)
    let copies = UInt64(request.copies)
    var short: UInt64 = 0
    table.sortAndMerge()
    table.trim { run in
      let rest = run.frames.count % unit
      short &+= rest
      return run.frames.count - rest
    }
    keepBest()
    // Room for the cuts between shelves.
    table.keepLongest(request.maximumRuns - (request.copies - 1))

    var total: UInt64 = 0
    for index in 0..<table.count { total += table.runs[index].frames.count }
    let part = total / unit / copies * unit
    let length = min(part, request.framesPerShelf)
    let ends = nodeEnds(holding: length)
    var index = 0
    for copy in 0..<request.copies {
      let end = ends?[copy] ?? cutPart(from: index, frames: part)
      choose(index..<end, frames: length)
      index = end
    }
    // What the division left over at the end belongs to no shelf.
    while index < table.count {
      table.setCount(index, 0)
      index += 1
    }
    table.trim { $0.frames.count }
    return Selection(
      request: request,
      framesPerShelf: UInt32(length),
      chosen: table.runs[..<table.count],
      isAcrossNodes: ends != nil,
      leftAlone: LeftAlone(
        excludedFrames: excludedFrames,
        shortFrames: short,
        droppedRuns: table.droppedRuns,
        droppedFrames: table.droppedFrames
      )
    )
  }

  private mutating func accept(
    _ start: FrameNumber,
    _ end: FrameNumber,
    _ pageClass: PageClass
  ) {
    guard start < end else { return }
    let count = end.value - start.value
    acceptedFrames &+= count
    // Runs are short beside nodes: where they begin is good enough here.
    for index in nodes.indices where nodes[index].contains(start) {
      nodeFrames[index] &+= count
    }
    table.add(FrameRange(start: start, count: count), of: pageClass)
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
  private static var ranks: Int { 40 }

  /// A run's worth: its class, and then the power of two that it has frames
  /// of; the highest is the best.
  ///
  /// From 2 MiB on all are worth the same, for then the page tables cost more
  /// than the mapping.
  private static func rank(_ run: PooledRun) -> Int {
    let length = min(9, 63 - run.frames.count.leadingZeroBitCount)
    return (3 - Int(min(3, run.pageClass.preference))) * 10 + length
  }

  /// Drops the ranks that are not needed.
  private mutating func keepBest() {
    var frames = InlineArray<40, UInt64>(repeating: 0)
    for index in 0..<table.count {
      frames[Self.rank(table.runs[index])] += table.runs[index].frames.count
    }
    var last = Self.ranks - 1
    var sum = frames[last]
    while last > 0, sum < request.frames {
      last -= 1
      sum += frames[last]
    }
    table.trim { Self.rank($0) < last ? 0 : $0.frames.count }
  }

  /// Where the parts of the copies end, as indices of runs, if each can have
  /// `frames` on nodes of its own; nil where that cannot be.
  private func nodeEnds(holding frames: UInt64) -> [Int]? {
    guard request.copies > 1, nodes.count > 1, frames > 0 else { return nil }
    var ends: [Int] = []
    var index = 0
    var held: UInt64 = 0
    for node in nodes {
      while index < table.count, table.runs[index].frames.start < node.end {
        // A run that goes on into the next node is in neither.
        if table.runs[index].frames.end <= node.end {
          held += table.runs[index].frames.count
        }
        index += 1
      }
      if held >= frames, ends.count < request.copies - 1 {
        ends.append(index)
        held = 0
      }
    }
    while index < table.count {
      held += table.runs[index].frames.count
      index += 1
    }
    guard ends.count == request.copies - 1, held >= frames else { return nil }
    return ends + [table.count]
  }

  /// Makes the runs from `first` on hold exactly `frames`, by a cut where the
  /// last of them has more, and says which run comes after.
  private mutating func cutPart(from first: Int, frames: UInt64) -> Int {
    var left = frames
    var index = first
    while index < table.count, left > 0 {
      let count = table.runs[index].frames.count
      if count > left {
        table.split(index, at: left)
        return index + 1
      }
      left -= count
      index += 1
    }
    return index
  }

  /// Keeps `frames` of a part: the best runs first, and of equal ones those at
  /// the part's start, as in all parts.
  private mutating func choose(_ part: Range<Int>, frames: UInt64) {
    var left = frames
    // The run that was cut counts as what it was.
    var cut: Int?
    for rank in stride(from: Self.ranks - 1, through: 0, by: -1) {
      for index in part where index != cut {
        let run = table.runs[index]
        guard !run.frames.isEmpty, Self.rank(run) == rank else { continue }
        if run.frames.count > left {
          if left > 0 { cut = index }
          table.setCount(index, left)
        }
        left -= min(left, run.frames.count)
      }
    }
  }
}

extension FramePool: FrameVisitor {
  /// Considers a run; false once there is enough.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    offer(run.frames, of: run.pageClass)
    return !isSated
  }

  /// Whether what was offered so far fills the request.
  public mutating func hasEnough() -> Bool { isFilled() }

  /// Forgets all offers.
  public mutating func startOver() {
    table = RunTable(capacity: request.maximumRuns + 1)
    acceptedFrames = 0
    excludedFrames = 0
    nodeFrames = Array(repeating: 0, count: nodes.count)
  }
}
