// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import FramePool
internal import Memory
internal import PageClasses

/// A pool that takes what a search finds, as the daemon's does, and somebody
/// who remembers what it was offered.
///
/// Some runs are offered twice, as by lists that nobody checked.
struct Buyer: FrameVisitor, ~Copyable {
  private var pool: FramePool
  private let exclusions: [FrameRange]
  private var offered: [(frames: FrameRange, pageClass: PageClass)] = []

  init(
    _ request: FrameRequest,
    excluding exclusions: [FrameRange],
    nodes: [FrameRange]
  ) {
    self.exclusions = exclusions
    pool = FramePool(request, excluding: exclusions, nodes: nodes)
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    offered.append((run.frames, run.pageClass))
    if run.frames.start.value % 5 == 0 { _ = pool.visit(run) }
    return pool.visit(run)
  }

  mutating func hasEnough() -> Bool { pool.hasEnough() }

  mutating func startOver() {
    offered = []
    pool.startOver()
  }

  /// Selects, and throws where a frame was chosen that was not offered as
  /// what it is now, or was chosen twice, or is in no shelf of its own.
  consuming func check() throws(BrokenPromise) -> Selection {
    let request = pool.request
    offered.sort { $0.frames.start < $1.frames.start }
    let offered = offered
    let isFilled = pool.isFilled()
    let selection = pool.select()
    var index = 0
    var end = FrameNumber(0)
    var sum: UInt64 = 0
    for (run, pageClass) in zip(selection.runs, selection.classes) {
      let place = "frame \(run.start.value), \(pageClass)"
      guard !run.isEmpty, run.start >= end else {
        throw BrokenPromise(place + ": chosen twice")
      }
      guard run.count >= UInt64(request.minimumRun) else {
        throw BrokenPromise(place + ": a run that is too short")
      }
      for own in exclusions where own.overlaps(run) {
        throw BrokenPromise(place + ": chosen but excluded")
      }
      sum += run.count
      end = run.end
      var frame = run.start
      while frame < run.end {
        while index < offered.count, offered[index].frames.end <= frame {
          index += 1
        }
        guard index < offered.count, offered[index].frames.contains(frame),
          offered[index].pageClass == pageClass
        else { throw BrokenPromise(place + ": chosen but not offered") }
        frame = offered[index].frames.end
      }
    }
    guard sum == UInt64(selection.slotCount),
      UInt64(selection.framesPerShelf) <= request.framesPerShelf,
      selection.runs.count <= request.maximumRuns
    else { throw BrokenPromise("the selection is not what was wanted") }
    let isWhole = UInt64(selection.framesPerShelf) == request.framesPerShelf
    guard isWhole == isFilled else {
      throw BrokenPromise("the pool said filled: \(isFilled), and was not")
    }
    return selection
  }
}
