// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

import struct SyntheticVMCore.Folio

/// Free memory comes first, then page cache and the pool of hugetlbfs, then
/// the memory of processes; and no further than somebody wants.
@Suite struct SearchOrderTests {
  /// Takes runs until it has had enough, and remembers when it was asked.
  struct Taker: FrameVisitor {
    /// Frames after which a class that comes later is not wanted.
    var enough: UInt64
    /// Frames after which the search may end at once.
    var most = UInt64.max
    var runs: [ReusableRun] = []
    var kept: [Judgement] = []
    var startedOver = 0

    var frames: UInt64 { runs.reduce(0) { $0 + $1.frames.count } }
    var steps: [Int] {
      var steps: [Int] = []
      for run in runs {
        let step = Self.step(run.pageClass)
        if steps.last != step { steps.append(step) }
      }
      return steps
    }

    static func step(_ pageClass: PageClass) -> Int {
      switch pageClass {
      case .free: 0
      case .anonymous, .largeAnonymous: 2
      default: 1
      }
    }

    mutating func visit(_ run: ReusableRun) -> Bool {
      runs.append(run)
      return frames < most
    }
    mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
      kept.append(judgement)
    }
    mutating func hasEnough() -> Bool { frames >= enough }
    mutating func startOver() {
      startedOver += 1
      runs = []
    }
  }

  /// Anonymous memory lies below page cache, and free memory above both.
  static func machine() -> SyntheticMachine {
    var machine = SyntheticMachine()
    machine.contents = [
      .init(0x1f00, 0x5100, .kernel),
      .init(0x2000, 512, .folio(Folio(.anonymous, order: 9, wholeMaps: 1))),
      .init(0x2400, 100, .anonymous), .init(0x2800, 200, .cache),
      .init(0x3000, 512, .folio(Folio(.hugetlbFree, order: 9))),
      .init(0x3400, 64, .folio(Folio(.file, order: 5))),
      .init(0x3800, 30, .dirtyCache), .init(0x3c00, 10, .writebackCache),
      .init(0x4000, 10, .pinned),
    ]
    return machine
  }

  static let anonymous: UInt64 = 612
  static let cache: UInt64 = 806
  static let free = machine().build().describedFree.runs
    .reduce(0) { $0 + UInt64($1.count) }

  private func search(
    _ vmcore: SyntheticVMCore,
    _ taker: Taker,
    _ change: (inout SearchPolicy) throws -> Void = { _ in }
  ) throws -> (taker: Taker, report: SearchReport) {
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    var policy = try KernelEra.v6_12.policy
    try change(&policy)
    var taker = taker
    let report = try FrameSearch.search(core, layout, policy, &taker)
    return (taker, report)
  }

  @Test func eachClassComesWhenTheOneBeforeWasNotEnough() throws {
    let vmcore = Self.machine().build()
    let sums = [Self.free, Self.free + Self.cache]
    let wanted: [(UInt64, [Int])] = [
      (0, [0]), (sums[0], [0]), (sums[0] + 1, [0, 1]), (sums[1], [0, 1]),
      (sums[1] + 1, [0, 1, 2]), (.max, [0, 1, 2]),
    ]
    for (enough, steps) in wanted {
      let (taker, report) = try search(vmcore, Taker(enough: enough))
      #expect(taker.steps == steps, "\(enough)")
      #expect(report.frames == taker.frames)
      #expect(report.runs == UInt64(taker.runs.count))
      #expect(!report.endedEarly)
    }
    let all = try search(vmcore, Taker(enough: .max)).taker
    #expect(all.frames == sums[1] + Self.anonymous)
    // No frame comes twice, though memory was gone through three times.
    _ = Frames(all.runs.map(\.frames))
  }

  @Test func theSearchEndsAtOnceWhenThereIsEnough() throws {
    let vmcore = Self.machine().build()
    for most in [1, Self.free + 1, Self.free + Self.cache + 1] {
      let taker = Taker(enough: .max, most: most)
      let (found, report) = try search(vmcore, taker)
      #expect(report.endedEarly)
      let last = try #require(found.runs.last)
      #expect(found.frames >= most)
      #expect(found.frames - last.frames.count < most)
    }
  }

  @Test func classesThatAreNotWantedAreNotLookedFor() throws {
    let vmcore = Self.machine().build()
    let sets: [(PageClassSet, [Int], UInt64)] = [
      (.free, [0], Self.free), (.cache, [1], Self.cache),
      (.anonymous, [2], Self.anonymous),
      ([.free, .anonymous], [0, 2], Self.free + Self.anonymous), ([], [], 0),
    ]
    for (classes, steps, frames) in sets {
      let (taker, report) = try search(vmcore, Taker(enough: .max)) {
        $0.classes = classes
      }
      #expect(taker.steps == steps)
      #expect(taker.frames == frames)
      #expect(report.frames == frames)
    }
  }

  /// A pass over all pages costs a second for some GiB: none is made for
  /// classes of which no frame can be lent.
  @Test func noPassIsMadeForNothing() throws {
    let vmcore = Self.machine().build()
    let hopeless: [(inout SearchPolicy) throws -> Void] = [
      { $0.flags = nil },
      { $0.dumpLevel = try #require(DumpLevel(17)) },
    ]
    for change in hopeless {
      let (taker, _) = try search(vmcore, Taker(enough: .max), change)
      #expect(taker.steps == [0])
      // Pages in use would have been named by a pass.
      #expect(!taker.kept.contains { $0.pageClass != .free })
    }
    // The pool of hugetlbfs is user data, but comes with the cache.
    for (level, steps) in [(25, [0, 1, 2]), (19, [0, 1])] {
      let (taker, _) = try search(vmcore, Taker(enough: .max)) {
        $0.dumpLevel = try #require(DumpLevel(level))
      }
      #expect(taker.steps == steps)
    }
  }

  @Test func brokenListsChangeNeitherTheOrderNorTheFrames() throws {
    let sound = Self.machine().build()
    var vmcore = sound
    let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
    vmcore.store64(0xdead_0000_0000_0100, at: vmcore.freeList(of: block))
    let (taker, report) = try search(vmcore, Taker(enough: .max))
    #expect(report.isLinear && taker.startedOver == 1)
    #expect(taker.steps == [0, 1, 2])
    let first = try search(sound, Taker(enough: .max)).taker
    #expect(
      Frames(taker.runs.map(\.frames)) == Frames(first.runs.map(\.frames))
    )
  }

  @Test func theLargestFreeBlocksComeFirst() throws {
    for isBroken in [false, true] {
      var vmcore = Self.machine().build()
      if isBroken {
        let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
        vmcore.store64(0xdead_0000_0000_0100, at: vmcore.freeList(of: block))
      }
      let (taker, _) = try search(vmcore, Taker(enough: 0))
      let orders = taker.runs.map { Int($0.order) }
      // The scan goes by three tiers: from 9 on, from 5 on, the rest.
      let ranks = isBroken ? orders.map { $0 > 8 ? 2 : $0 > 4 ? 1 : 0 } : orders
      #expect(ranks == ranks.sorted(by: >))
      #expect(Set(orders).count > 5)
    }
  }
}
