// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import MemoryMap
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

import struct PageClasses.Folio

/// The decision about one folio, condition by condition: what a whole machine
/// shows only together.
@Suite struct JudgeTests {
  static let mapping: UInt64 = 0xffff_8880_0123_4560

  static func rules(_ era: KernelEra = .v6_12) throws -> PageRules {
    var machine = SyntheticMachine()
    machine.era = era
    machine.memory = [.init(0x10_0000..<0x280_0000)]
    let info = try CoreFile(machine.build()).vmcoreInfo()
    return try PageRules(KernelLayout(info), era.flagLayout)
  }

  static func page(
    _ flags: UInt64,
    mapping: UInt64,
    maps: UInt32 = 0,
    references: UInt32
  ) -> PageDescriptor {
    PageDescriptor(
      flags: flags,
      mapping: mapping,
      mapCount: maps &- 1,
      referenceCount: references,
      privateData: 0,
      compoundHead: 0
    )
  }

  /// A page of the pool has no reference, no mapping, no map, no pin.
  @Test(arguments: KernelEra.allCases)
  func thePoolsPagesAreHeldByNobody(era: KernelEra) throws {
    let rules = try Self.rules(era)
    let flags = try era.flagLayout
    func veto(
      _ flags: UInt64 = 0,
      mapping: UInt64 = 0,
      references: UInt32 = 0,
      maps: UInt64? = 0,
      pins: UInt32 = 0
    ) -> Veto? {
      let head = Self.page(flags, mapping: mapping, references: references)
      let judgement = rules.judge(
        Folio(head, order: 9, isHugetlb: true, maps: maps, pins: pins)
      )
      #expect(judgement.pageClass == .hugetlb)
      return judgement.veto
    }
    #expect(veto() == nil)
    #expect(veto(references: 1) == .hugetlbInUse)
    #expect(veto(mapping: Self.mapping) == .hugetlbInUse)
    #expect(veto(mapping: Self.mapping | 1) == .hugetlbInUse)
    #expect(veto(maps: 1) == .hugetlbInUse)
    #expect(veto(maps: nil) == .hugetlbInUse)
    #expect(veto(pins: 1) == .hugetlbInUse)
    for flag: FlagLayout.Flag in [
      .lru, .locked, .writeback, .waiters, .unevictable, .mlocked,
    ] { #expect(veto(flags[flag]) == .hugetlbInUse) }
  }

  /// Bit 0 means anonymous memory, and the rest is the address of an anon_vma;
  /// DAX and slabs have small odd numbers there.
  @Test(arguments: [1, 3, 0x7fff_ffff_ffff_ffff, 1 << 62 | 1] as [UInt64])
  func anAnonymousPageHasTheAddressOfItsMapping(mapping: UInt64) throws {
    let rules = try Self.rules()
    let flags = try KernelEra.v6_12.flagLayout
    let set = flags[.lru] | flags[.swapBacked]
    let small = Self.page(set, mapping: mapping, maps: 1, references: 1)
    #expect(rules.judge(Folio(small)) == Judgement(.anonymous, .mapping))
    let sound = Self.page(
      set,
      mapping: Self.mapping | 1,
      maps: 1,
      references: 1
    )
    #expect(rules.judge(Folio(sound)) == Judgement(.anonymous, nil))
  }

  /// A page of a file has the address of its address_space, whole.
  @Test(arguments: [0, 8, 0x1000, 0xffff_8880_0000_0002] as [UInt64])
  func aPageOfAFileHasTheAddressOfItsMapping(mapping: UInt64) throws {
    let rules = try Self.rules()
    let flags = try KernelEra.v6_12.flagLayout
    let page = Self.page(flags[.lru], mapping: mapping, references: 1)
    #expect(rules.judge(Folio(page)) == Judgement(.cache, .mapping))
  }

  /// One reference for each map, one of the cache for each page: one less is
  /// as wrong as one more.
  @Test func everyReferenceIsAccountedFor() throws {
    let rules = try Self.rules()
    let flags = try KernelEra.v6_12.flagLayout
    let anonymous = flags[.lru] | flags[.swapBacked]
    let cached = anonymous | flags[.swapCache]
    for maps in [0, 1, 2, 700] as [UInt32] {
      for references in 0...1800 as ClosedRange<UInt32> {
        func lends(_ set: UInt64, _ mapping: UInt64) -> Bool {
          let page = Self.page(
            set,
            mapping: mapping,
            maps: maps,
            references: references
          )
          return rules.judge(Folio(page)).veto == nil
        }
        let isMapped = maps > 0 && references == maps
        #expect(lends(anonymous, Self.mapping | 1) == isMapped)
        #expect(lends(cached, Self.mapping | 1) == (references == maps + 1))
        #expect(lends(flags[.lru], Self.mapping) == (references == maps + 1))
      }
    }
  }
}
