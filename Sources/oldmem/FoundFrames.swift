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
    var runs: UInt64 = 0
    var frames: UInt64 = 0
  }

  struct Zone: Codable {
    var node: UInt16
    var zone: UInt8
    var frames: UInt64 = 0
  }

  var progress: Progress?
  private var unmerged: [FrameRange] = []
  private(set) var orders: [Order] = []
  private(set) var zones: [Zone] = []

  init(progress: Progress?) {
    self.progress = progress
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    progress?.show(run.frames.start)
    unmerged.append(run.frames)
    if orders.last?.order != run.order {
      if !orders.contains(where: { $0.order == run.order }) {
        orders.append(Order(order: run.order))
      }
    }
    for index in orders.indices where orders[index].order == run.order {
      orders[index].runs += 1
      orders[index].frames += run.frames.count
    }
    guard let list = run.list else { return true }
    let isKnown = zones.contains {
      $0.node == list.node && $0.zone == list.zone
    }
    if !isKnown { zones.append(Zone(node: list.node, zone: list.zone)) }
    for index in zones.indices
    where zones[index].node == list.node && zones[index].zone == list.zone {
      zones[index].frames += run.frames.count
    }
    return true
  }

  mutating func startOver() {
    unmerged = []
    orders = []
    zones = []
  }

  /// The frames in order of address, neighbours joined.
  var runs: [FrameRange] {
    var runs: [FrameRange] = []
    for run in unmerged.sorted(by: { $0.start < $1.start }) {
      if let last = runs.last, last.end == run.start {
        runs[runs.count - 1] = FrameRange(
          start: last.start,
          count: last.count + run.count
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
