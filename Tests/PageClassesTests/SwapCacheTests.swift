// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import MemoryMap
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

/// Pages that only the swap cache has.
///
/// They were read ahead and are not mapped yet, or are of a tmpfs file that
/// was swapped out; so they have no mapping.
@Suite struct SwapCacheTests {
  struct Era {
    let rules: PageRules
    let layout: FlagLayout
    /// Read ahead from swap: the swap cache has the one reference.
    let page: PageDescriptor

    init(_ era: KernelEra) throws {
      var machine = SyntheticMachine()
      machine.era = era
      let info = try CoreFile(machine.build()).vmcoreInfo()
      layout = try FlagLayout(text: era.flagLayoutText)
      rules = try PageRules(KernelLayout(info), layout)
      page = PageDescriptor(
        flags: layout[.lru] | layout[.swapCache] | layout[.swapBacked]
          | layout[.uptodate],
        mapping: 0,
        mapCount: 0xffff_ffff,
        referenceCount: 1,
        privateData: 0x84e,
        compoundHead: 0xdead_0000_0000_0100
      )
    }

    func judge(_ change: (inout PageDescriptor) -> Void) -> Judgement {
      var page = page
      change(&page)
      return rules.judge(Folio(page))
    }
  }

  @Test(arguments: KernelEra.allCases)
  func areLentWhenTheSwapCacheAloneHoldsThem(era: KernelEra) throws {
    let era = try Era(era)
    #expect(era.judge { _ in } == Judgement(.cache, nil))
    let dirty = era.layout[.dirty]
    #expect(
      era.judge { $0.flags |= dirty } == Judgement(.dirtyCache, nil)
    )
  }

  @Test(arguments: KernelEra.allCases)
  func areKeptWhileSomebodyElseHasThem(era: KernelEra) throws {
    let era = try Era(era)
    func veto(_ change: (inout PageDescriptor) -> Void) -> Veto? {
      era.judge(change).veto
    }
    #expect(veto { $0.referenceCount = 2 } == .references)
    #expect(veto { $0.referenceCount = 0 } == .references)
    #expect(veto { $0.referenceCount = 1025 } == .pinned)
    // Nobody maps a page that has no mapping.
    #expect(veto { $0.mapCount = 0 } == .mapping)
    let mapped = era.judge {
      $0.mapCount = 0
      $0.referenceCount = 2
    }
    #expect(mapped.veto == .mapping)
    let layout = era.layout
    #expect(veto { $0.flags |= layout[.locked] } == .locked)
    #expect(veto { $0.flags |= layout[.writeback] } == .writeback)
    #expect(veto { $0.flags &= ~layout[.lru] } == .isolated)
  }

  @Test(arguments: KernelEra.allCases)
  func otherPagesWithoutAMappingAreKept(era: KernelEra) throws {
    let era = try Era(era)
    let layout = era.layout
    for flag: FlagLayout.Flag in [.swapCache, .swapBacked] {
      let judgement = era.judge { $0.flags &= ~layout[flag] }
      #expect(judgement == Judgement(.cache, .mapping))
    }
    for mapping: UInt64 in [2, 0x1000, 0xffff_8880_0000_0002] {
      let judgement = era.judge { $0.mapping = mapping }
      #expect(judgement == Judgement(.cache, .mapping))
    }
  }
}
