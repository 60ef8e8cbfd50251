// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import MemoryMap
import PageClasses
import VMCore

/// All frames that a search delivers, with where they come from.
struct FoundFrames: FrameVisitor {
  struct Order: Codable {
    var order: UInt8
    var blocks: UInt64 = 0
    var frames: UInt64 = 0
  }

  struct Zone: Codable {
    var node: UInt16
    var zone: UInt8
    var frames: UInt64 = 0
  }

  struct Run {
    var frames: FrameRange
    var pageClass: PageClass
  }

  var progress: Progress?
  /// Whether frames that are not lent are remembered too.
  var listsKept = false
  /// Those frames, in the order of the search.
  private(set) var kept: [(frames: FrameRange, judgement: Judgement)] = []
  private var unmerged: [Run] = []
  /// Of free blocks, the largest first.
  private(set) var orders: [Order] = []
  private(set) var zones: [Zone] = []

  init(progress: Progress?) {
    self.progress = progress
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    progress?.show(run.frames.start)
    if let last = unmerged.last, last.pageClass == run.pageClass,
      last.frames.end == run.frames.start
    {
      unmerged[unmerged.count - 1].frames = FrameRange(
        start: last.frames.start,
        count: last.frames.count + run.frames.count
      )
    } else {
      unmerged.append(Run(frames: run.frames, pageClass: run.pageClass))
    }
    if run.pageClass == .free { count(run) }
    return true
  }

  private mutating func count(_ run: ReusableRun) {
    if !orders.contains(where: { $0.order == run.order }) {
      orders.append(Order(order: run.order))
      orders.sort { $0.order > $1.order }
    }
    for index in orders.indices where orders[index].order == run.order {
      orders[index].blocks += 1
      orders[index].frames += run.frames.count
    }
    guard let list = run.list else { return }
    let isKnown = zones.contains {
      $0.node == list.node && $0.zone == list.zone
    }
    if !isKnown {
      zones.append(Zone(node: list.node, zone: list.zone))
      zones.sort { ($0.node, $0.zone) < ($1.node, $1.zone) }
    }
    for index in zones.indices
    where zones[index].node == list.node && zones[index].zone == list.zone {
      zones[index].frames += run.frames.count
    }
  }

  mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    progress?.show(frames.start)
    guard listsKept else { return }
    if let last = kept.last, last.judgement == judgement,
      last.frames.end == frames.start
    {
      kept[kept.count - 1].frames = FrameRange(
        start: last.frames.start,
        count: last.frames.count + frames.count
      )
    } else {
      kept.append((frames, judgement))
    }
  }

  mutating func startOver() { self = FoundFrames(progress: progress) }

  /// The frames in order of address, neighbours of one class joined.
  var runs: [Run] {
    var runs: [Run] = []
    for run in unmerged.sorted(by: { $0.frames.start < $1.frames.start }) {
      if let last = runs.last, last.frames.end == run.frames.start,
        last.pageClass == run.pageClass
      {
        runs[runs.count - 1].frames = FrameRange(
          start: last.frames.start,
          count: last.frames.count + run.frames.count
        )
      } else {
        runs.append(run)
      }
    }
    return runs
  }
}

/// A line on the terminal for what takes longer than a second.
struct Progress {
  private let end: UInt64
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  private var calls = 0
  private var percent: UInt64?

  init(_ loads: borrowing LoadTable) {
    end = max(1, (loads.segments.last?.end.value ?? 0) >> Frame.shift)
  }

  /// Shows how far `frame` is, once a second has passed.
  mutating func show(_ frame: FrameNumber) {
    calls += 1
    guard isTerminal, calls % 256 == 0 else { return }
    let now = min(100, frame.value &* 100 / end)
    guard percent != now, .now - start > .seconds(1) else { return }
    percent = now
    write("\rscanning struct pages: \(now) %")
  }

  /// Takes the line away.
  func clear() {
    if percent != nil { write("\r\u{1b}[K") }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
