// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import PageClasses
import Testing

/// Numbers that a seed decides, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

func range(_ start: UInt64, _ count: UInt64) -> FrameRange {
  FrameRange(start: FrameNumber(start), count: count)
}

/// A pool's input at random: overlapping, touching, unsorted, sparse, of all
/// classes, on up to four nodes.
struct Offers {
  var runs: [(frames: FrameRange, pageClass: PageClass)] = []
  var exclusions: [FrameRange] = []
  var nodes: [FrameRange] = []
  var request: FrameRequest

  static let memory: UInt64 = 20_000
  static let classes: [PageClass] = [
    .free, .cache, .largeCache, .dirtyCache, .anonymous, .largeAnonymous,
    .hugetlb,
  ]

  init(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let copies = Int.random(in: 1...4, using: &random)
    request = try FrameRequest(
      blocks: .random(in: 0...4000, using: &random),
      copies: copies,
      reserve: .random(in: 0...100, using: &random),
      minimumRun: .random(in: 1...40, using: &random),
      maximumRuns: .random(in: copies...60, using: &random)
    )
    let hasClasses = Bool.random(using: &random)
    for _ in 0..<Int.random(in: 0...300, using: &random) {
      let order = UInt64.random(in: 0...10, using: &random)
      let frames = range(
        .random(in: 0..<Self.memory, using: &random),
        Bool.random(using: &random)
          ? 1 << order : .random(in: 0...700, using: &random)
      )
      let pageClass = Self.classes.randomElement(using: &random) ?? .free
      runs.append((frames, hasClasses ? pageClass : .free))
    }
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      exclusions.append(
        range(
          .random(in: 0..<Self.memory, using: &random),
          .random(in: 0...500, using: &random)
        )
      )
    }
    var start = UInt64.random(in: 0...100, using: &random)
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let count = UInt64.random(in: 1...8000, using: &random)
      nodes.append(range(start, count))
      // Some touch, some do not.
      start += count
      if Bool.random(using: &random) {
        start += UInt64.random(in: 0...900, using: &random)
      }
    }
  }

  var pool: FramePool {
    var pool = FramePool(request, excluding: exclusions, nodes: nodes)
    for run in runs { pool.offer(run.frames, of: run.pageClass) }
    return pool
  }

  func select() -> Selection { pool.select() }

  /// As what each frame may be chosen, one by one.
  var allowed: [Set<PageClass>] {
    var allowed = [Set<PageClass>](
      repeating: [],
      count: Int(Self.memory) + 2000
    )
    for run in runs {
      for frame in run.frames.start.value..<run.frames.end.value {
        allowed[Int(frame)].insert(run.pageClass)
      }
    }
    for run in exclusions {
      for frame in run.start.value..<run.end.value {
        allowed[Int(frame)] = []
      }
    }
    return allowed
  }
}
