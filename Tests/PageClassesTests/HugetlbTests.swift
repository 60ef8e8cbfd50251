// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// hugetlbfs's pages are lent out of the pool, and never when somebody holds
/// them.
@Suite struct HugetlbTests {
  /// PG_hugetlb alone, which other folios may have too, is not enough to know
  /// a page of the pool.
  static func inPool(_ era: KernelEra) -> Veto? {
    era == .v6_6 ? .hugetlbInUse : nil
  }

  /// HVO came in v5.14 and folds the first page of struct pages since v5.18.
  static let optimizing = KernelEra.allCases.filter { $0 >= .v6_1 }

  @Test(arguments: KernelEra.allCases)
  func onlyThePoolsPagesAreLent(era: KernelEra) throws {
    let free = Folio(.hugetlbFree, order: 9)
    let mapped = Folio(.hugetlb, order: 9, wholeMaps: 1)
    let kept = { (name: String, folio: Folio) in
      Sample(name, folio, .hugetlb, .hugetlbInUse)
    }
    try Sample.expect(
      [
        Sample("free", free, .hugetlb, Self.inPool(era)),
        kept("mapped", mapped),
        kept("shared", Folio(.hugetlb, order: 9, wholeMaps: 4)),
        kept("of a file", Folio(.hugetlbFile, order: 9)),
        kept(
          "of a file and mapped",
          Folio(.hugetlbFile, order: 9, wholeMaps: 2)
        ),
        kept("pinned", mapped.with { $0.pins = 3 }),
        kept("leaving the pool", free.with { $0.strayReferences = 1 }),
        kept("mapped and in the pool", free.with { $0.wholeMaps = 1 }),
        kept("locked in the pool", free.with(.locked)),
        kept("written in the pool", free.with(.writeback)),
        kept("on a list of pages in use", free.with(.lru)),
        Sample(
          "poisoned in the pool",
          free.with(.hardwarePoison),
          .hardwarePoison,
          .hardwarePoison
        ),
      ],
      era,
      era.policy
    )
  }

  @Test(arguments: optimizing)
  func foldedStructPagesAreNoFaultOfThePage(era: KernelEra) throws {
    var free = Folio(.hugetlbFree, order: 9)
    free.isOptimized = true
    var mapped = Folio(.hugetlb, order: 9, wholeMaps: 1)
    mapped.isOptimized = true
    try Sample.expect(
      [
        Sample("free", free, .hugetlb, Self.inPool(era)),
        Sample("mapped", mapped, .hugetlb, .hugetlbInUse),
        Sample("pinned", mapped.with { $0.pins = 1 }, .hugetlb, .hugetlbInUse),
      ],
      era,
      era.policy
    )
  }

  /// A page of 1 GiB lies in eight sections, and its struct pages are read in
  /// 256 parts.
  @Test func aGiganticPageIsReadToItsEnd() throws {
    var machine = SyntheticMachine()
    machine.memory = [.init(0x10_0000..<0x8000_0000)]
    let folio = Folio(.hugetlbFree, order: 18)
    machine.contents = [.init(0x4_0000, 0x4_0000, .folio(folio))]
    var vmcore = machine.build()
    let lent = try vmcore.judge(machine.era.policy).lent(.hugetlb)
    #expect(lent.count == 0x4_0000)
    vmcore.setPage(FrameNumber(0x7_ffff), .kernel)
    let judged = try vmcore.judge(machine.era.policy)
    #expect(judged.lent(.hugetlb).isEmpty)
    #expect(judged[0x7_ffff]?.veto == .halfBuilt)
  }

  /// Where the head is gone, each page of struct pages looks like one.
  @Test(arguments: optimizing.filter { $0 < .v7_1 })
  func whatFoldedStructPagesShowIsNoHead(era: KernelEra) throws {
    var folio = Folio(.hugetlbFree, order: 9)
    folio.isOptimized = true
    var machine = SyntheticMachine()
    machine.era = era
    machine.contents = [.init(0x6000, 512, .folio(folio))]
    var vmcore = machine.build()
    vmcore.setPage(FrameNumber(0x6000), .kernel)
    let judged = try vmcore.judge(era.policy)
    #expect(judged[0x6000]?.veto == .dumpLevel)
    for frame in 0x6001..<0x6200 as Range<UInt64> {
      let veto: Veto = frame % 64 == 0 ? .fakeHead : .tail
      #expect(judged[frame]?.veto == veto, "page \(frame)")
    }
  }
}
