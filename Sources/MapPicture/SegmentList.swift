// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// All frames of a machine as segments in order of address, never more than
/// `limit` of them, however large the machine and however mixed its memory.
///
/// Every segment is exact as long as there is room. When there is none,
/// neighbours of fewer frames than `grain` within one aligned stretch of
/// `grain` frames become one that says what most of it is; `grain` doubles
/// until half of the room is free. Runs that would be lent stay exact, and
/// nothing reaches across a hole: a machine of nothing but such takes more.
public struct SegmentList: Sendable {
  /// The most segments that are kept.
  public let limit: Int
  /// The segments, in order of address once `finish` was called.
  public private(set) var segments: [MapSegment] = []
  /// Frames that a segment has at least if it is exact for certain.
  public private(set) var grain: UInt64 = 1
  private var isSorted = true
  /// When the next look is worth it.
  private var room: Int

  /// No frames yet.
  public init(limit: Int = 1 << 19) {
    self.limit = max(limit, 4)
    room = self.limit
  }

  /// Takes frames that are all of one sort, each once, best in order of
  /// address.
  public mutating func add(_ frames: FrameRange, _ sort: FrameSort) {
    guard !frames.isEmpty else { return }
    let new = MapSegment(frames, sort)
    if let last = segments.last {
      if last.frames.end == frames.start, last.sort == sort, last.isExact {
        segments[segments.count - 1].extend(by: new)
        return
      }
      if frames.start < last.frames.end { isSorted = false }
    }
    segments.append(new)
    if segments.count >= room { makeRoom() }
  }

  /// Puts what came out of order in its place; no frame is there twice.
  public mutating func finish() {
    if !isSorted {
      sort()
      isSorted = true
    }
  }

  private mutating func sort() {
    segments.sort { $0.frames.start < $1.frames.start }
    var kept: [MapSegment] = []
    for var segment in segments {
      if let last = kept.last, segment.frames.start < last.frames.end {
        guard segment.frames.end > last.frames.end else { continue }
        let count = segment.frames.end.value - last.frames.end.value
        segment.frames = FrameRange(start: last.frames.end, count: count)
        segment.certain = min(segment.certain, count)
        segment.reusable = min(segment.reusable, count)
      }
      kept.append(segment)
    }
    segments = kept
  }

  private mutating func makeRoom() {
    finish()
    fold()
    while segments.count > limit / 2, grain < 1 << 24 {
      grain *= 2
      fold()
    }
    room = max(limit, segments.count * 2)
  }

  /// Makes one segment of neighbours that are shorter than `grain`, within
  /// each aligned stretch of as many frames.
  private mutating func fold() {
    var kept = 0
    var index = 0
    var weights: [FrameSort: UInt64] = [:]
    while index < segments.count {
      let first = segments[index]
      index += 1
      var folded = first
      if isFoldable(first) {
        let stretch = first.frames.start.value / grain
        weights.removeAll(keepingCapacity: true)
        weights[first.sort] = first.certain
        while index < segments.count {
          let next = segments[index]
          guard isFoldable(next), next.frames.start == folded.frames.end,
            next.frames.start.value / grain == stretch
          else { break }
          weights[next.sort, default: 0] += next.certain
          folded.frames.count += next.frames.count
          folded.reusable += next.reusable
          index += 1
        }
        for (sort, weight) in weights
        where (weight, folded.sort.rank) > (
          weights[folded.sort] ?? 0, sort.rank
        ) {
          folded.sort = sort
        }
        folded.certain = weights[folded.sort] ?? 0
      }
      segments[kept] = folded
      kept += 1
    }
    segments.removeLast(segments.count - kept)
  }

  private func isFoldable(_ segment: MapSegment) -> Bool {
    segment.frames.count < grain && segment.sort.shelf == 0
  }
}

extension FrameSort {
  /// An order of sorts, so that equal shares are always decided alike.
  var rank: Int {
    Int(shelf) << 16 | Int(pageClass.rawValue) << 8
      | (veto.map { Int($0.rawValue) + 1 } ?? 0)
  }
}
