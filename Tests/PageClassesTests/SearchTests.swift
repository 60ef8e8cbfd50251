// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

@Suite struct SearchTests {
  @Test(arguments: KernelEra.allCases)
  func allFreeFramesAreFoundByBothWays(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.kaslr = .example
    machine.contents = [.init(0x5001, 1, .kernel), .init(0x6000, 99, .cache)]
    let vmcore = machine.build()
    let (listed, report) = try vmcore.search()
    #expect(report.fault == nil && !report.isLinear)
    #expect(listed.frames == vmcore.describedFree)
    #expect(try vmcore.scan().found.frames == vmcore.describedFree)
  }

  @Test func whatIsSeenIsLentOrHasAReason() throws {
    var machine = SyntheticMachine()
    machine.contents = [
      .init(0x5001, 1, .hwpoison), .init(0x6000, 99, .cache),
      .init(0x7000, 3, .compoundTail(FrameNumber(0x6fff))),
    ]
    let vmcore = machine.build()
    for (_, report) in [try vmcore.search(), try vmcore.scan()] {
      #expect(report.tally[nil] == report.frames)
    }
    let report = try vmcore.scan().report
    #expect(report.tally.total == 0x9e + 0x7f00)
  }

  @Test func theSearchEndsWhenThereIsEnough() throws {
    let (found, report) = try SyntheticMachine().build().search(wanted: 2048)
    #expect(report.endedEarly)
    #expect(found.runs.map(\.frames.count) == [1024, 1024])
  }

  @Test func noListIsAtFaultOnAMachineOfSeveralNodes() throws {
    var machine = SyntheticMachine()
    machine.memory = [
      .init(0x10_0000..<0x1000_0000),
      .init(0x1_0000_0000..<0x1_1000_0000, node: 1),
    ]
    let (found, report) = try machine.build().search()
    #expect(report.faults == 0)
    #expect(!report.isLinear)
    #expect(found.startedOver == 0)
  }

  @Test func aBrokenListLeadsToTheScanOfAllPages() throws {
    var vmcore = SyntheticMachine().build()
    let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
    vmcore.store64(0xdead_0000_0000_0100, at: vmcore.freeList(of: block))
    let (found, report) = try vmcore.search()
    #expect(report.isLinear && report.faults == 1)
    #expect(found.startedOver == 1)
    #expect(found.frames == vmcore.describedFree)
  }

  @Test(arguments: KernelLayout.Key.allCases.filter { $0.need == .freeLists })
  func withoutTheKeysOfTheListsThePagesAreScanned(
    key: KernelLayout.Key
  ) throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = [key.line]
    let vmcore = machine.build()
    let (found, report) = try vmcore.search()
    #expect(report.fault == .noNodes(.core(.missing(key))))
    #expect(found.frames == vmcore.describedFree)
  }

  @Test(arguments: KernelLayout.Key.allCases.filter { $0.need == .optional })
  func aMissingOptionalKeyLendsNothingMore(key: KernelLayout.Key) throws {
    for era in KernelEra.allCases {
      var machine = SyntheticMachine()
      machine.era = era
      machine.contents = [
        .init(0x5003, 1, .offline), .init(0x5403, 1, .slab),
        .init(0x5803, 2, .anonymous),
      ]
      machine.droppedKeys = [key.line]
      let vmcore = machine.build()
      // v7.1 has no other name for the word that marks a tail.
      if key == .pageCompoundInfo, era >= .v7_1 {
        #expect(throws: MapError.core(.missing(.pageCompoundHead))) {
          try vmcore.search()
        }
        continue
      }
      #expect(try vmcore.search().found.frames == vmcore.describedFree)
    }
  }

  /// VMCOREINFO may end anywhere, and what is left must not lend a frame
  /// that the whole of it would not.
  @Test func aTruncatedVMCOREINFONeverLendsMore() throws {
    var machine = SyntheticMachine()
    machine.contents = [
      .init(0x5003, 1, .offline), .init(0x5403, 1, .slab),
      .init(0x5803, 2, .anonymous),
    ]
    let count = machine.build().vmcoreinfo.count
    for limit in stride(from: 0, to: count, by: 11) {
      machine.vmcoreinfoLimit = limit
      let vmcore = machine.build()
      guard let found = try? vmcore.search().found else { continue }
      #expect(
        found.frames.isSubset(of: vmcore.describedFree),
        "cut at \(limit)"
      )
    }
  }

  /// Machines of all sorts, described at random: what is lent is what was
  /// described as free, less the blocks with a page in use.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func exactlyTheCleanBlocksAreLent(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var machine = SyntheticMachine()
    machine.era = random.below(2) == 0 ? .v6_1 : .v6_12
    machine.kaslr = random.below(2) == 0 ? .example : nil
    machine.fiveLevels = machine.kaslr == nil && random.below(2) == 0
    machine.smeMask = random.below(2) == 0 ? 1 << 47 : 0
    machine.vmemmapLeaf = random.below(2) == 0 ? .small : .medium
    machine.sections = random.below(2) == 0 ? .rootArray : .pointerToRootArray
    let states: [PageState] = [
      .kernel, .anonymous, .cache, .cachePrivate, .slab, .offline, .hwpoison,
      .reserved, .pageTable, .compoundHead, .referenced(3),
    ]
    for _ in 0..<random.below(200) {
      let start = 0x4000 + random.next() % 0x3f00
      let state = states[random.below(states.count)]
      machine.contents.append(.init(start, 1 + random.next() % 64, state))
    }
    var vmcore = machine.build()
    var lent = vmcore.describedFree
    for _ in 0..<random.below(20) {
      let block = vmcore.freeBlocks[random.below(vmcore.freeBlocks.count)]
      guard block.order > 0 else { continue }
      let inside = 1 + random.next() % (block.frames.count - 1)
      vmcore.setPage(
        FrameNumber(block.frames.start.value + inside),
        states[random.below(states.count)]
      )
      lent = lent.subtracting(
        block.frames.start.value..<block.frames.end.value
      )
    }
    let (found, report) = try vmcore.search()
    #expect(report.fault == nil)
    #expect(found.frames == lent)
    #expect(try vmcore.scan().found.frames == lent)
  }
}

extension KernelLayout.Key {
  /// The key as it begins its line.
  var line: String {
    let kind =
      switch spelling.kind {
      case .symbol: "SYMBOL"
      case .size: "SIZE"
      case .offset: "OFFSET"
      case .length: "LENGTH"
      case .number: "NUMBER"
      }
    return "\(kind)(\(spelling.name))"
  }
}
