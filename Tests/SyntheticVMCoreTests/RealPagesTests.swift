// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

/// Second pages of folios as they were found in the memory of Debian's cloud
/// kernels 5.10.262, 6.1.0-56, 6.12.117, 6.18.15 and 7.1.13, by words; a
/// list's pointers and what an older list left behind are masked out.
@Suite struct RealPagesTests {
  struct Case: CustomTestStringConvertible {
    let era: KernelEra
    /// Bits 0 to 23 of the flags, then the words at 16, 24, 32 and 40.
    let words: [UInt64]

    var testDescription: String { "\(era)" }
  }

  /// 2 MiB by one PMD.
  static let whole = [
    Case(era: .v5_10, words: [0, 0x0903, 0xdead_0000_0000_0200, 0, 0]),
    Case(era: .v6_1, words: [0, 0x0903, 0x200_0000_0000, 0, 0]),
    Case(era: .v6_18, words: [0x209, 0x80_0000 << 32, 0, none << 32, 2]),
    Case(era: .v7_1, words: [0x209, 0x80_0000 << 32, 0, none << 32, 2]),
  ]

  /// 412 pages of 2 MiB by PTEs, after munmap() of the others.
  static let partial = [
    Case(
      era: .v5_10,
      words: [0, none << 32 | 0x0903, 0xdead_0000_0000_0200, 0, 0]
    ),
    Case(
      era: .v6_1,
      words: [0x2_0000, none << 32 | 0x0903, 0x200_0000_0000, 0, 0]
    ),
    Case(
      era: .v6_12,
      words: [0x1_0a09, none << 32 | 411, 412, 512, 0]
    ),
    Case(
      era: .v6_18,
      words: [0x1_0a09, 412 << 32 | 411, none, none << 32 | 411, 2]
    ),
    Case(
      era: .v7_1,
      words: [0x1_0a09, 412 << 32 | 411, none, none << 32 | 411, 2]
    ),
  ]

  /// A private mapping of a hugetlb page.
  static let hugetlb = [
    Case(era: .v5_10, words: [0x2000, 0x0902, 0xdead_0000_0000_0200, 0, 0]),
    Case(era: .v6_1, words: [0, 0x0902, 0x200_0000_0000, 0, 0]),
    Case(era: .v6_12, words: [9, 0, 0, 512, 0]),
    Case(era: .v6_18, words: [9, 0, 0, .max, 0]),
    Case(era: .v7_1, words: [9, 0, 0, .max, 0]),
  ]

  /// A counter that starts at -1.
  static let none: UInt64 = 0xffff_ffff

  @Test(arguments: whole)
  func aFolioMappedByOnePMD(example: Case) throws {
    try compare(example, Folio(.anonymous, order: 9, wholeMaps: 1), 1)
  }

  @Test(arguments: partial)
  func aFolioOfWhichAPartIsMapped(example: Case) throws {
    let folio = Folio(
      .anonymous,
      order: 9,
      pageMaps: 1,
      mappedPages: 0..<412
    )
    try compare(example, folio, 412)
  }

  @Test(arguments: hugetlb)
  func aHugetlbPage(example: Case) throws {
    try compare(example, Folio(.hugetlb, order: 9, wholeMaps: 1), 1)
    // In the cache of a file it has other references.
    let file = Folio(.hugetlbFile, order: 9, wholeMaps: 1)
    try compare(example, file, example.era < .v6_12 ? 2 : 513)
  }

  private func compare(
    _ example: Case,
    _ folio: Folio,
    _ references: UInt64
  ) throws {
    var machine = SyntheticMachine()
    machine.era = example.era
    var vmcore = machine.build()
    let head = FrameNumber(0x6000)
    vmcore.setFolio(head, folio)
    let base = vmcore.pageAddress(of: head).value
    func word(_ offset: UInt64) throws -> UInt64 {
      try #require(vmcore.load64(VirtualAddress(base + offset)))
    }
    #expect(try word(48) >> 32 == references)
    #expect(try word(64) & 0xff_ffff == example.words[0])
    // Destructor and order lie over a pointer that was there before.
    let isOld = example.era <= .v6_1
    let mask: UInt64 = isOld ? 0xffff_ffff_0000_ffff : .max
    #expect(try word(80) & mask == example.words[1])
    #expect(try word(88) == example.words[2])
    #expect(try word(96) == example.words[3])
    #expect(try word(104) == example.words[4])
  }
}
