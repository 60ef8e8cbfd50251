// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

/// What holds between the struct pages of a folio.
@Suite struct FolioTests {
  @Test(arguments: KernelEra.allCases, [1, 2, 4, 9])
  func everyTailLeadsToItsHead(era: KernelEra, order: Int) throws {
    let pages = try Pages(Folio(.file, order: order), era)
    for index in 1..<1 << order {
      #expect(pages.compoundHead(of: index) == 0, "page \(index)")
    }
    #expect(pages.compoundHead(of: 0) == 0)
    #expect(pages.compoundHead(of: 1 << order) == 1 << order)
  }

  @Test(arguments: KernelEra.allCases)
  func aTailThatStrayedLeadsAway(era: KernelEra) throws {
    var folio = Folio(.file, order: 4)
    folio.tails = .strayed(to: FrameNumber(0x6040))
    let pages = try Pages(folio, era)
    for index in 1..<16 {
      // A mask cannot lead past the page itself.
      #expect(pages.compoundHead(of: index) == (era < .v7_1 ? 0x40 : 0))
    }
    // With a mask, another order is all that can be wrong.
    let order7: UInt64 = ~0x1fff | 1
    if era >= .v7_1 { #expect(pages.word(1, 8) == order7) }
  }

  @Test(arguments: KernelEra.allCases)
  func tailsThatAreMissingLookFree(era: KernelEra) throws {
    var folio = Folio(.file, order: 4)
    folio.tails = .missing(from: 5)
    let pages = try Pages(folio, era)
    #expect(pages.compoundHead(of: 4) == 0)
    #expect(pages.compoundHead(of: 5) == 5)
    #expect((5..<16).allSatisfy { pages.word($0, 48) == 0xffff_ffff })
  }

  /// HVO shows the first 64 struct pages again and again; in 7.1 it does not.
  @Test(arguments: KernelEra.allCases.filter { $0 >= .v6_1 })
  func fakeHeadsLookLikeTheHead(era: KernelEra) throws {
    var folio = Folio(.hugetlb, order: 9, wholeMaps: 1)
    folio.isOptimized = true
    let pages = try Pages(folio, era)
    for index in 64..<512 {
      let isFake = era < .v7_1 && index % 64 == 0
      #expect(pages.compoundHead(of: index) == (isFake ? index : 0))
      for offset in stride(from: 0, to: 64, by: 8) where era < .v7_1 {
        #expect(pages.word(index, offset) == pages.word(index % 64, offset))
      }
    }
  }

  /// A pin is 1024 references, or one where it is counted apart.
  @Test(arguments: KernelEra.allCases)
  func pinsAreReferences(era: KernelEra) throws {
    var folio = Folio(.anonymous, order: 0, pageMaps: 1)
    folio.pins = 3
    let small = era == .v4_18 ? 4 : 1 + 3 * 1024
    #expect(try Pages(folio, era).references == small)
    // The second page has no room for the count before v5.18.
    folio.order = 1
    let isCounted = era >= .v6_1 || era == .v4_18
    #expect(try Pages(folio, era).references == (isCounted ? 5 : small + 1))
    folio.order = 2
    #expect(try Pages(folio, era).references == 4 + 3)
  }

  /// A page of the cache has a reference for that, one for its buffers, one
  /// for each mapping; what else there is, nothing explains.
  @Test(arguments: KernelEra.allCases)
  func referencesAddUp(era: KernelEra) throws {
    var folio = Folio(.file, order: 4, wholeMaps: 2, pageMaps: 3)
    folio.hasPrivateData = true
    folio.strayReferences = 7
    #expect(try Pages(folio, era).references == 16 + 1 + 2 + 3 * 16 + 7)
    var anonymous = Folio(.anonymous, order: 4, pageMaps: 1)
    anonymous.isInSwapCache = true
    #expect(try Pages(anonymous, era).references == 16 + 16)
    #expect(
      try Pages(Folio(.slab, order: 1), era).references
        == (era < .v6_18 ? 1 : 0)
    )
  }
}

/// The struct pages of a folio at frame 0x6000, and those behind it.
private struct Pages {
  let vmcore: SyntheticVMCore
  private let base: UInt64

  init(_ folio: Folio, _ era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.remaining = .kernel
    var vmcore = machine.build()
    vmcore.setFolio(FrameNumber(0x6000), folio)
    self.vmcore = vmcore
    base = vmcore.pageAddress(of: FrameNumber(0x6000)).value
    hasMask = era >= .v7_1
  }

  private let hasMask: Bool

  func word(_ index: Int, _ offset: Int) -> UInt64 {
    let address = base + UInt64(index * 64 + offset)
    return vmcore.load64(VirtualAddress(address)) ?? 0
  }

  var references: Int { Int(word(0, 48) >> 32) }

  /// Where _compound_head() of include/linux/page-flags.h gets to from page
  /// `index`, as an index.
  func compoundHead(of index: Int) -> Int {
    let page = base + UInt64(index * 64)
    let info = word(index, 8)
    guard info & 1 == 1 else { return index }
    let head = hasMask ? page & info : info - 1
    return Int(Int64(bitPattern: head &- base) / 64)
  }
}
