// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses

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

  /// Drops the ranks that are not needed, to fill the request and, without
  /// going on to another class, to have each copy on nodes of its own.
  mutating func keepBest() {
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
    var rank = last
    while rank >= last / 10 * 10 {
      if nodeEnds(holding: request.framesPerShelf, from: rank) != nil {
        last = rank
        break
      }
      rank -= 1
    }
    table.trim { Self.rank($0) < last ? 0 : $0.frames.count }
  }

  /// Where the parts of the copies end, as indices of runs, if each can have
  /// `frames` of that rank or a better one on nodes of its own; nil where
  /// that cannot be.
  func nodeEnds(
    holding frames: UInt64,
    from rank: Int = 0
  ) -> [Int]? {
    guard request.copies > 1, nodes.count > 1, frames > 0 else { return nil }
    var ends: [Int] = []
    var index = 0
    var held: UInt64 = 0
    func count(at index: Int) -> UInt64 {
      let run = table.runs[index]
      return Self.rank(run) < rank ? 0 : run.frames.count
    }
    for node in nodes {
      while index < table.count, table.runs[index].frames.start < node.end {
        held += count(at: index)
        index += 1
      }
      if held >= frames, ends.count < request.copies - 1 {
        ends.append(index)
        held = 0
      }
    }
    while index < table.count {
      held += count(at: index)
      index += 1
    }
    guard ends.count == request.copies - 1, held >= frames else { return nil }
    return ends + [table.count]
  }

  /// Makes the runs from `first` on hold exactly `frames`, by a cut where the
  /// last of them has more, and says which run comes after.
  mutating func cutPart(from first: Int, frames: UInt64) -> Int {
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
  mutating func choose(_ part: Range<Int>, frames: UInt64) {
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
