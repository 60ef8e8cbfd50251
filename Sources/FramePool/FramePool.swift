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
  let nodes: [FrameRange]
  /// Where nodes begin and end: no run reaches across.
  let borders: [FrameNumber]
  /// The frames that were offered of each node.
  var nodeFrames: [UInt64]
  var table: RunTable
  var acceptedFrames: UInt64 = 0
  var excludedFrames: UInt64 = 0
  /// How many frames must have been offered before it is worth another look
  /// whether they fill the request.
  var nextLook: UInt64 = 0

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
    var borders: [FrameNumber] = []
    for node in nodes {
      borders.append(node.start)
      borders.append(node.end)
    }
    self.borders = borders
    table = Self.table(request, borders)
  }

  static func table(
    _ request: FrameRequest,
    _ borders: [FrameNumber]
  ) -> RunTable {
    RunTable(
      // One more than may be chosen, for what the last cut leaves over.
      capacity: request.maximumRuns + 1,
      minimum: UInt64(request.minimumRun),
      borders: borders
    )
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
    // So many of the worst will have to give way to the cuts between shelves.
    let limit = request.maximumRuns - (request.copies - 1)
    if table.count > limit { table.keepLongest(limit) }
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
    var start = start
    while start < end {
      var stop = end
      for border in borders where border > start { stop = min(stop, border) }
      let count = stop.value - start.value
      acceptedFrames &+= count
      for index in nodes.indices where nodes[index].contains(start) {
        nodeFrames[index] &+= count
      }
      table.add(FrameRange(start: start, count: count), of: pageClass)
      start = stop
    }
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
