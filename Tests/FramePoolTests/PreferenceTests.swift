// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import PageClasses
import Testing

/// What is chosen first: the class that comes first, and of one class the
/// longer run.
@Suite struct PreferenceTests {
  static let classes = Offers.classes

  private func select(
    _ request: FrameRequest,
    _ runs: [(FrameRange, PageClass)]
  ) -> Selection {
    var pool = FramePool(request, excluding: [])
    for (run, pageClass) in runs { pool.offer(run, of: pageClass) }
    return pool.select()
  }

  @Test func aShortFreeRunComesBeforeALongOneOfTheCache() throws {
    let request = try FrameRequest(blocks: 32, copies: 1, minimumRun: 8)
    let selection = select(
      request,
      [
        (range(0, 4096), .anonymous), (range(5000, 4096), .cache),
        (range(10_000, 8), .free), (range(11_000, 8), .free),
      ]
    )
    #expect(selection.frames(of: .free) == 16)
    #expect(selection.frames(of: .cache) == 16)
    #expect(selection.frames(of: .anonymous) == 0)
  }

  @Test func ofOneClassTheLongRunComesFirst() throws {
    let request = try FrameRequest(blocks: 256, copies: 1)
    let selection = select(
      request,
      [
        (range(0, 64), .cache), (range(1000, 16), .cache),
        (range(2000, 300), .cache), (range(4000, 512), .anonymous),
      ]
    )
    #expect(selection.runs == [range(2000, 256)])
    #expect(selection.classes == [.cache])
  }

  @Test func runsOfDifferentClassesThatTouchStayTwo() throws {
    let request = try FrameRequest(blocks: 64, copies: 1)
    let selection = select(
      request,
      [(range(132, 32), .anonymous), (range(100, 32), .free)]
    )
    #expect(selection.runs == [range(100, 32), range(132, 32)])
    #expect(selection.classes == [.free, .anonymous])
  }

  @Test func framesThatWereOfferedAsTwoThingsAreChosenOnce() throws {
    let request = try FrameRequest(blocks: 1000, copies: 1, minimumRun: 1)
    for first in Self.classes {
      for second in Self.classes {
        let selection = select(
          request,
          [(range(100, 50), first), (range(120, 60), second)]
        )
        #expect(selection.slotCount == 80)
        let inside = select(
          request,
          [(range(120, 10), first), (range(100, 50), second)]
        )
        #expect(inside.slotCount == 50)
        let same = select(
          request,
          [(range(100, 50), first), (range(100, 50), second)]
        )
        #expect(same.slotCount == 50)
      }
    }
  }

  /// With runs of any length and as many as one likes, a class is touched
  /// only when those before it are used up.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func aClassIsTouchedWhenTheOnesBeforeAreUsedUp(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var runs: [(FrameRange, PageClass)] = []
    var start: UInt64 = 0
    var offered = [UInt64](repeating: 0, count: 4)
    for _ in 0..<Int.random(in: 1...200, using: &random) {
      let count = UInt64.random(in: 1...200, using: &random)
      let pageClass = Self.classes.randomElement(using: &random) ?? .free
      runs.append((range(start, count), pageClass))
      start += count + UInt64.random(in: 0...3, using: &random)
      offered[Int(pageClass.preference)] += count
    }
    let request = try FrameRequest(
      blocks: .random(in: 0...12_000, using: &random),
      copies: 1,
      minimumRun: 1
    )
    let selection = select(request, runs.shuffled(using: &random))
    var chosen = [UInt64](repeating: 0, count: 4)
    for pageClass in PageClass.allCases {
      chosen[Int(pageClass.preference)] += selection.frames(of: pageClass)
    }
    var left = request.frames
    for step in 0..<4 {
      #expect(chosen[step] == min(left, offered[step]))
      left -= min(left, offered[step])
    }
  }

  /// When there are too many runs, it is not the better class that gives way.
  @Test func aLongRunOfALaterClassDrivesNoFreeOneOut() throws {
    let request = try FrameRequest(
      blocks: 100_000,
      copies: 1,
      minimumRun: 1,
      maximumRuns: 100
    )
    var random = SplitMix(state: 3)
    let free = (0..<90).map { (range($0 * 10, 2), PageClass.free) }
    let others = (0..<500).map {
      (range(10_000 + $0 * 1000, 800), PageClass.anonymous)
    }
    let selection = select(request, (free + others).shuffled(using: &random))
    #expect(selection.frames(of: .free) == 180)
    #expect(selection.frames(of: .anonymous) == 8000)
  }

  /// Runs that are too short to be chosen are the worst of all, of whatever
  /// class: a machine has thousands of free pages that stand alone.
  @Test func shortFreeRunsDriveNoLongRunOut() throws {
    let request = try FrameRequest(
      blocks: 10_000,
      copies: 2,
      maximumRuns: 100
    )
    let short = (0..<1000).map { (range($0 * 10, 3), PageClass.free) }
    let long = (0..<50).map {
      (range(10_000 + $0 * 1000, 800), PageClass.anonymous)
    }
    for runs in [short + long, long + short] {
      let selection = select(request, runs)
      #expect(!selection.isShort)
      #expect(selection.frames(of: .anonymous) == 20_000)
    }
  }
}
