// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

/// A page that is not free, inside a block that says it is: the block is not
/// lent, and the page's veto has the right name.
@Suite struct VetoTests {
  struct Case: CustomTestStringConvertible {
    let state: PageState
    let veto: Veto
    var eras = KernelEra.allCases
    var keys: [String: String] = [:]

    var testDescription: String { "\(state) is \(veto)" }
  }

  static let cases = [
    Case(state: .kernel, veto: .referenced),
    Case(state: .reserved, veto: .referenced),
    Case(state: .referenced(1), veto: .referenced),
    Case(state: .referenced(.max), veto: .referenced),
    Case(state: .pageTable, veto: .pageType),
    Case(state: .mapped(1), veto: .pageType),
    Case(state: .anonymous, veto: .pageType),
    Case(state: .cache, veto: .flagOfUse),
    Case(state: .cachePrivate, veto: .flagOfUse),
    Case(
      state: .slab,
      veto: .flagOfUse,
      eras: KernelEra.allCases.filter { $0 < .v6_12 }
    ),
    Case(
      state: .slab,
      veto: .pageType,
      eras: KernelEra.allCases.filter { $0 >= .v6_12 }
    ),
    Case(state: .hwpoison, veto: .hardwarePoison),
    Case(
      state: .offline,
      veto: .offline,
      eras: KernelEra.allCases.filter { $0 > .v4_18 }
    ),
    // Balloons had the type before VMCOREINFO named it.
    Case(state: .offline, veto: .pageType, eras: [.v4_18]),
    Case(
      state: .hugetlb,
      veto: .compound,
      eras: KernelEra.allCases.filter { $0.has(.hugetlb) }
    ),
    Case(state: .compoundHead, veto: .compound),
    Case(state: .compoundTail(FrameNumber(0x5000)), veto: .compound),
    // A type that VMCOREINFO does not name is a type all the same.
    Case(state: .unaccepted, veto: .pageType, eras: [.v6_12]),
    Case(state: .unaccepted, veto: .unaccepted, eras: [.v6_18, .v7_1]),
    Case(
      state: .unaccepted,
      veto: .unaccepted,
      eras: [.v6_12],
      keys: ["NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)": "-150994944"]
    ),
  ]

  @Test(arguments: cases, [0, 1, 511, 1023] as [UInt64])
  func aPageInUseKeepsItsBlockFromBeingLent(
    _ example: Case,
    place: UInt64
  ) throws {
    // The word that marks a tail is the one that links a first page.
    if case .compoundTail = example.state, place == 0 { return }
    for era in example.eras {
      var machine = SyntheticMachine()
      machine.era = era
      machine.replacedKeys = example.keys
      var vmcore = machine.build()
      let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
      let clean = vmcore.describedFree
      let frames = block.frames.start.value..<block.frames.end.value
      vmcore.setPage(FrameNumber(frames.lowerBound + place), example.state)
      // A first page that left the list would take the list's links along.
      if place == 0 { vmcore.relink(block) }

      let (found, report) = try vmcore.search()
      #expect(report.fault == nil)
      #expect(found.frames == clean.subtracting(frames))
      #expect(report.tally[example.veto] == 1)
      #expect(report.tally[.sharedBlock] == 1023)
    }
  }

  @Test(arguments: cases, [1, 511, 1023] as [UInt64])
  func theLinearScanComesToTheSame(
    _ example: Case,
    place: UInt64
  ) throws {
    for era in example.eras {
      var machine = SyntheticMachine()
      machine.era = era
      machine.replacedKeys = example.keys
      var vmcore = machine.build()
      let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
      vmcore.setPage(
        FrameNumber(block.frames.start.value + place),
        example.state
      )
      #expect(try vmcore.scan().found.frames == vmcore.search().found.frames)
    }
  }

  @Test func aFlagOfUseWithoutAnyoneUsingThePageIsStillAVeto() throws {
    for key: KernelLayout.Key in [.lru, .hasPrivate, .swapBacked, .swapCache] {
      var vmcore = SyntheticMachine().build()
      let layout = try KernelLayout(CoreFile(vmcore).vmcoreInfo())
      let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
      let frame = FrameNumber(block.frames.start.value + 7)
      let flags = vmcore.pageAddress(of: frame)
      let bit: UInt64 = 1 << (try layout.require(key))
      vmcore.store64(try #require(vmcore.load64(flags)) | bit, at: flags)
      let report = try vmcore.search().report
      #expect(report.tally[.flagOfUse] == 1)
    }
  }

  /// Whoever frees a page clears its flags, so a free page that has one of
  /// these was marked by somebody who is not done with it, or is damaged.
  @Test(arguments: KernelEra.allCases)
  func aFlagOfIOIsAVetoWhereItIsKnown(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.memory = [.init(0x10_0000..<0x300_0000)]
    let sound = machine.build()
    let block = try #require(sound.freeBlocks.last { $0.order == 10 })
    let flags: [FlagLayout.Flag] = [
      .locked, .writeback, .waiters, .reserved, .unevictable, .mlocked,
    ]
    for flag in flags {
      for place in [0, 7, 1023] as [UInt64] {
        var vmcore = sound
        let frame = FrameNumber(block.frames.start.value + place)
        let page = vmcore.pageAddress(of: frame)
        let bits = try era.flagLayout[flag]
        vmcore.store64(try #require(vmcore.load64(page)) | bits, at: page)
        var policy = try era.policy
        policy.classes = .free
        let (found, report) = try vmcore.search(policy)
        #expect(report.tally[.flagOfUse] == 1, "\(flag)")
        #expect(
          found.frames.isDisjoint(
            with: block.frames.start.value..<block.frames.end.value
          )
        )
      }
    }
  }

  @Test func aMappingThatWasLeftBehindIsAVeto() throws {
    var vmcore = SyntheticMachine().build()
    let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
    let page = vmcore.pageAddress(of: block.frames.start)
    vmcore.store64(0xffff_8880_0100_0000, at: VirtualAddress(page.value + 88))
    let report = try vmcore.search().report
    #expect(report.tally[.mapped] == 1)
  }

  @Test(arguments: [0, 9, 11, 63, 64, 1 << 32, .max] as [UInt64])
  func aBlockOfAnotherOrderThanItsListIsNotLent(order: UInt64) throws {
    var vmcore = SyntheticMachine().build()
    let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
    vmcore.setPrivate(block.frames.start, order)
    let (found, report) = try vmcore.search()
    #expect(report.tally[.order] == 1)
    #expect(
      found.frames.isDisjoint(
        with: block.frames.start.value..<block.frames.end.value
      )
    )
  }

  @Test func aBlockInsideABlockIsLentOnceAtMost() throws {
    for order in 0..<10 as Range<UInt64> {
      var vmcore = SyntheticMachine().build()
      let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
      let inner = FrameNumber(block.frames.start.value + 512)
      vmcore.setPage(inner, .buddy(order: order))
      // Issues when a frame comes twice.
      _ = try vmcore.search().found.frames
      _ = try vmcore.scan().found.frames
    }
  }

  @Test func aBlockThatIsNotAlignedIsNotLent() throws {
    var vmcore = SyntheticMachine().build()
    let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
    vmcore.move(block, by: 8)
    let (found, report) = try vmcore.search()
    #expect(report.tally[.alignment] == 1024)
    #expect(
      found.frames.isDisjoint(
        with: block.frames.start.value..<block.frames.end.value
      )
    )
  }

  @Test func framesBelow16MiBAreNotLent() throws {
    let vmcore = SyntheticMachine().build()
    let low = vmcore.freeBlocks.filter { $0.frames.start.value < 4096 }
    let (found, report) = try vmcore.search()
    #expect(found.frames.isDisjoint(with: 0..<4096))
    #expect(
      report.tally[.dmaZone] == low.reduce(0) { $0 + $1.frames.count }
    )
    #expect(report.tally[.dmaZone] > 0)
  }

  @Test func framesOfNoPTLoadAreNotLent() throws {
    var machine = SyntheticMachine()
    machine.loads = [
      0x10_0000..<0x500_1000, 0x500_3000..<0x600_0000,
      0x700_0000..<0x800_0000,
    ]
    let vmcore = machine.build()
    let covered = vmcore.describedFree.subtracting(0x5001..<0x5003)
      .subtracting(0x6000..<0x7000)
    for (found, _) in [try vmcore.search(), try vmcore.scan()] {
      #expect(found.frames == covered)
    }
  }

  @Test func theCallersOwnFramesAreNotLent() throws {
    let own = [
      FrameRange(start: FrameNumber(0x5005), count: 1),
      FrameRange(start: FrameNumber(0x63f0), count: 0x20),
      FrameRange(start: FrameNumber(0x4000), count: 0),
      FrameRange(start: FrameNumber(0x7800), count: .max),
    ]
    var policy = SearchPolicy.all
    policy.excluded = own
    let vmcore = SyntheticMachine().build()
    let kept = own.reduce(vmcore.describedFree) {
      $0.subtracting($1.start.value..<$1.end.value)
    }
    #expect(try vmcore.search(policy).found.frames == kept)
    #expect(try vmcore.scan(policy).found.frames == kept)
  }

  @Test(arguments: 0...31)
  func onlyALevelThatLeavesFreePagesOutLendsAny(level: Int) throws {
    let level = try #require(DumpLevel(level))
    let vmcore = SyntheticMachine().build()
    var policy = SearchPolicy.all
    policy.dumpLevel = level
    let (found, report) = try vmcore.search(policy)
    #expect(found.runs.isEmpty == (level.value & 16 == 0))
    #expect(report.tally[.dumpLevel] > 0 || !found.runs.isEmpty)
  }
}
