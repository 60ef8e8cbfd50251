// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import MemoryMap
import PageClasses
import Testing
import VMCore

@Suite struct PageRulesTests {
  /// The flags and types of Debian's 6.12, with those that it lacks.
  static let lines = """
    NUMBER(PG_lru)=5
    NUMBER(PG_private)=14
    NUMBER(PG_swapcache)=10
    NUMBER(PG_swapbacked)=17
    NUMBER(PG_slab)=9
    NUMBER(PG_hwpoison)=20
    NUMBER(PG_head_mask)=64
    NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376
    NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456
    NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592
    NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240
    NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944
    """

  static func rules(_ text: String = lines) throws -> PageRules {
    try PageRules(KernelLayout(VMCoreInfo(Array(text.utf8))), nil)
  }

  static let member = PageDescriptor(
    flags: 0x17_ffff_c000_0000 & ~0xff_ffff,
    mapping: 0,
    mapCount: 0xffff_ffff,
    referenceCount: 0,
    privateData: 0,
    compoundHead: 0
  )

  static var head: PageDescriptor {
    var page = member
    page.mapCount = 0xf000_0000
    page.privateData = 10
    page.compoundHead = 0xdead_0000_0000_0100
    return page
  }

  struct Case: Sendable {
    let veto: Veto
    let change: @Sendable (inout PageDescriptor) -> Void
  }

  static let changes: [Case] = [
    Case(veto: .hardwarePoison) { $0.flags |= 1 << 20 },
    Case(veto: .compound) { $0.compoundHead |= 1 },
    Case(veto: .compound) { $0.flags |= 64 },
    Case(veto: .flagOfUse) { $0.flags |= 1 << 9 },
    Case(veto: .flagOfUse) { $0.flags |= 1 << 5 },
    Case(veto: .flagOfUse) { $0.flags |= 1 << 14 },
    Case(veto: .flagOfUse) { $0.flags |= 1 << 10 },
    Case(veto: .flagOfUse) { $0.flags |= 1 << 17 },
    Case(veto: .flagOfUse) { $0.flags |= 1 << 10 | 1 << 17 },
    Case(veto: .referenced) { $0.referenceCount = 1 },
    Case(veto: .referenced) { $0.referenceCount = UInt32.max },
    Case(veto: .mapped) { $0.mapping = 0xffff_8880_0000_0001 },
    Case(veto: .pageType) { $0.mapCount = 0 },
    Case(veto: .pageType) { $0.mapCount = 0xf000_0001 },
    Case(veto: .offline) { $0.mapCount = 0xf100_0000 },
    Case(veto: .unaccepted) { $0.mapCount = 0xf700_0000 },
    Case(veto: .pageType) { $0.mapCount = 0xf400_0000 },
    Case(veto: .pageType) { $0.mapCount = 0xf500_0000 },
  ]

  @Test func aFreeBlocksPagesHaveNoVeto() throws {
    let rules = try Self.rules()
    #expect(rules.veto(Self.head, at: .head(order: 10)) == nil)
    #expect(rules.veto(Self.member, at: .member) == nil)
  }

  @Test(arguments: changes.indices)
  func anyChangeOfAMemberIsAVeto(index: Int) throws {
    var page = Self.member
    Self.changes[index].change(&page)
    #expect(
      try Self.rules().veto(page, at: .member) == Self.changes[index].veto
    )
  }

  @Test(arguments: changes.indices)
  func anyChangeOfAHeadIsAVeto(index: Int) throws {
    var page = Self.head
    Self.changes[index].change(&page)
    #expect(
      try Self.rules().veto(page, at: .head(order: 10))
        == Self.changes[index].veto
    )
  }

  @Test func theOrderIsComparedWithAllItsBits() throws {
    let rules = try Self.rules()
    var page = Self.head
    #expect(rules.veto(page, at: .head(order: 9)) == .order)
    page.privateData = 1 << 32 | 10
    #expect(rules.veto(page, at: .head(order: 10)) == .order)
  }

  @Test func aHeadInsideABlockIsAVeto() throws {
    let rules = try Self.rules()
    #expect(rules.veto(Self.head, at: .member) == .pageType)
    #expect(rules.veto(Self.member, at: .head(order: 0)) == .pageType)
  }

  @Test(arguments: [
    "PG_lru", "PG_private", "PG_swapcache", "PG_swapbacked", "PG_head_mask",
    "PAGE_BUDDY_MAPCOUNT_VALUE",
  ])
  func aFlagThatEveryKernelStatesMustBeThere(name: String) {
    let lines = Self.lines.split(separator: "\n")
      .filter { !$0.contains("(\(name))") }
    #expect(throws: CoreError.self) {
      _ = try Self.rules(lines.joined(separator: "\n"))
    }
  }

  @Test func aBitThatNoWordHasIsRefused() {
    let text = Self.lines.replacing("PG_lru)=5", with: "PG_lru)=64")
    #expect(throws: CoreError.implausible(.lru, 64)) {
      _ = try Self.rules(text)
    }
  }

  @Test func freePagesAreLentOnlyWhereTheDumpLeavesThemOut() {
    for level in 0...31 {
      let leavesOut = DumpLevel(level)?.leavesOut(.free)
      #expect(leavesOut == (level & 16 != 0))
    }
    #expect(DumpLevel(32) == nil)
    #expect(DumpLevel(-1) == nil)
  }
}
