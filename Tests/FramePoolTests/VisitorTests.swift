// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

import struct SyntheticVMCore.Folio

/// The pool as the one who takes what a search finds: the search goes on as
/// long as something is missing, and no longer.
@Suite struct VisitorTests {
  /// Searches a 6.12 kernel's memory, everything that level 31 leaves out.
  private func fill(
    _ pool: consuming FramePool,
    from vmcore: SyntheticVMCore
  ) throws -> (selection: Selection, report: SearchReport) {
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    let policy = SearchPolicy(
      dumpLevel: try #require(DumpLevel(31)),
      collector: Collector(version: .init(1, 8, 0)),
      flags: try FlagLayout(text: KernelEra.v6_12.flagLayoutText)
    )
    let report = try FrameSearch.search(core, layout, policy, &pool)
    return (pool.select(), report)
  }

  private func pool(
    _ blocks: UInt32,
    copies: Int = 1,
    nodes: [FrameRange] = []
  ) throws -> FramePool {
    let request = try FrameRequest(blocks: blocks, copies: copies)
    return FramePool(request, excluding: [], nodes: nodes)
  }

  /// Free memory of 4096 frames, cache of 2048 and anonymous memory of 2048.
  static func machine() -> SyntheticMachine {
    var machine = SyntheticMachine()
    machine.contents = [
      .init(0x1f00, 0x5100, .kernel), .init(0x3000, 0x1000, .free),
      .init(0x4000, 0x800, .cache), .init(0x5000, 0x800, .anonymous),
      .init(0x7000, 0x1000, .kernel),
    ]
    return machine
  }

  /// The frames that are free and in runs that can be lent.
  private static func usable(_ vmcore: SyntheticVMCore) -> UInt64 {
    var runs: [FrameRange] = []
    for block in vmcore.freeBlocks where block.frames.start.value >= 4096 {
      if let last = runs.last, last.end == block.frames.start {
        runs[runs.count - 1].count += block.frames.count
      } else {
        runs.append(block.frames)
      }
    }
    return runs.reduce(0) { $0 + $1.count / 16 * 16 }
  }

  @Test func classesThatAreNotNeededAreNotTouched() throws {
    let vmcore = Self.machine().build()
    let free = Self.usable(vmcore)
    let wanted: [(UInt64, [PageClass])] = [
      (free / 4, [.free]), (free, [.free]), (free + 16, [.free, .cache]),
      (free + 2048, [.free, .cache]),
      (free + 2064, [.free, .cache, .anonymous]),
      (free + 4096, [.free, .cache, .anonymous]),
    ]
    for (blocks, classes) in wanted {
      let (selection, report) = try fill(pool(UInt32(blocks)), from: vmcore)
      #expect(!selection.isShort, "\(blocks)")
      let chosen = PageClass.allCases.filter { selection.frames(of: $0) > 0 }
      #expect(chosen == classes, "\(blocks)")
      // Nor was memory gone through for them.
      #expect((report.tally[.kernel] > 0) == (classes.count > 1))
    }
  }

  @Test func theSearchEndsWhenTwiceAsMuchIsThere() throws {
    let vmcore = SyntheticMachine().build()
    let (selection, report) = try fill(pool(1024), from: vmcore)
    #expect(report.endedEarly)
    #expect(report.frames == 2048)
    #expect(!selection.isShort)
  }

  /// Twice as much in pieces that are too short is not enough.
  @Test func fragmentsDoNotEndTheSearch() throws {
    var machine = Self.machine()
    // Every other page is the kernel's.
    for frame in stride(from: 0x4000 as UInt64, to: 0x4800, by: 2) {
      machine.contents.append(.init(frame, 1, .kernel))
    }
    machine.contents += [
      .init(0x3000, 0x1000, .kernel), .init(0x1000, 0xf00, .kernel),
      .init(0x5000, 0x800, .cache), .init(0x5800, 0x400, .cache),
    ]
    let vmcore = machine.build()
    let (selection, report) = try fill(pool(256), from: vmcore)
    #expect(!selection.isShort)
    #expect(selection.frames(of: .cache) == 256)
    #expect(report.frames >= 1024 + 256)
  }

  @Test func copiesGoToNodesOfTheirOwn() throws {
    var machine = SyntheticMachine()
    machine.memory = [
      .init(0x10_0000..<0x800_0000), .init(0x800_0000..<0x1000_0000, node: 1),
    ]
    let vmcore = machine.build()
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    let nodes = FrameSearch.nodes(core, layout)
    #expect(nodes == [range(0x100, 0x7f00), range(0x8000, 0x8000)])
    let (selection, _) = try fill(
      pool(2048, copies: 2, nodes: nodes),
      from: vmcore
    )
    #expect(selection.isAcrossNodes && !selection.isShort)
    for slot in 0..<selection.slotCount {
      let frame = try #require(selection.frame(of: slot))
      let copy = Int(slot / selection.framesPerShelf)
      #expect(nodes[copy].contains(frame))
    }
  }

  /// The lists were at fault, and the scan delivers all of it again.
  @Test func whatTheListsGaveIsForgottenWhenTheScanBegins() throws {
    var vmcore = Self.machine().build()
    let block = try #require(vmcore.freeBlocks.last { $0.order == 10 })
    vmcore.store64(0xdead_0000_0000_0100, at: vmcore.freeList(of: block))
    let (selection, report) = try fill(pool(100_000), from: vmcore)
    #expect(report.isLinear)
    let free = Self.usable(vmcore)
    #expect(selection.frames(of: .free) == free)
    #expect(selection.slotCount == UInt32(free + 4096))
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func aPoolThatIsFilledGivesWhatWasWanted(seed: UInt64) throws {
    let offers = try Offers(seed: seed)
    let wanted = offers.request.framesPerShelf
    var pool = offers.pool
    let isFilled = pool.isFilled()
    #expect((UInt64(pool.select().framesPerShelf) == wanted) == isFilled)
    // Asking changes nothing.
    let selection = offers.select()
    var asked = offers.pool
    _ = asked.isFilled()
    #expect(asked.select().slotCount == selection.slotCount)
  }
}
