// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing
import VMCore

/// The layout files of built machines are those of kernels of that time.
@Suite struct EraLayoutTests {
  struct Facts {
    let era: KernelEra
    let bits: [FlagLayout.Flag: UInt8]
    let counters: [FlagLayout.Counter: Int]
  }

  /// What `oldmem layout` prints of Debian's kernels; 5.10, whose cloud
  /// kernel has no PG_hwpoison, 6.1, 6.12, 6.18 and 7.1.
  static let facts: [Facts] = [
    Facts(
      era: .v5_10,
      bits: [
        .locked: 0, .uptodate: 2, .dirty: 3, .lru: 4, .waiters: 7, .slab: 9,
        .swapCache: 10, .reserved: 12, .hasPrivate: 13, .writeback: 15,
        .head: 16, .swapBacked: 19, .unevictable: 20, .mlocked: 21,
        .doubleMap: 6,
      ],
      counters: [.pins: 144, .entireMaps: 84]
    ),
    Facts(
      era: .v6_1,
      bits: [
        .locked: 0, .uptodate: 2, .dirty: 3, .lru: 4, .waiters: 7, .slab: 9,
        .swapCache: 10, .reserved: 12, .hasPrivate: 13, .writeback: 15,
        .head: 16, .swapBacked: 19, .unevictable: 20, .mlocked: 21,
        .doubleMap: 6,
      ],
      counters: [.pins: 88, .entireMaps: 84]
    ),
    Facts(
      era: .v6_12,
      bits: [
        .locked: 0, .writeback: 1, .uptodate: 3, .dirty: 4, .lru: 5, .head: 6,
        .waiters: 7, .swapCache: 10, .reserved: 13, .hasPrivate: 14,
        .swapBacked: 17, .unevictable: 18, .mlocked: 19, .hardwarePoison: 20,
      ],
      counters: [.pins: 92, .entireMaps: 84, .allMaps: 80]
    ),
    Facts(era: .v6_18, bits: late, counters: lateCounters),
    Facts(era: .v7_1, bits: late, counters: lateCounters),
  ]

  static let late: [FlagLayout.Flag: UInt8] = [
    .locked: 0, .writeback: 1, .uptodate: 3, .dirty: 4, .lru: 5, .head: 6,
    .waiters: 7, .swapCache: 10, .reserved: 13, .hasPrivate: 14,
    .swapBacked: 17, .unevictable: 18, .mlocked: 20, .hardwarePoison: 21,
  ]

  static let lateCounters: [FlagLayout.Counter: Int] = [
    .pins: 92, .entireMaps: 88, .allMaps: 80,
  ]

  @Test(arguments: facts)
  func theBitsAreThoseOfARealKernel(facts: Facts) throws {
    let layout = try FlagLayout(text: facts.era.flagLayoutText)
    for flag in FlagLayout.Flag.allCases {
      if flag == .hardwarePoison, facts.era < .v6_12 { continue }
      #expect(layout.number(flag) == facts.bits[flag], "\(flag)")
    }
    for counter in FlagLayout.Counter.allCases {
      #expect(layout[counter] == facts.counters[counter], "\(counter)")
    }
  }

  @Test(arguments: KernelEra.allCases)
  func theLayoutAgreesWithVMCOREINFO(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    let info = try CoreFile(machine.build()).vmcoreInfo()
    let layout = try FlagLayout(text: era.flagLayoutText)
    try layout.validate(against: KernelLayout(info))
    // A kernel without BUILD-ID cannot be told from its like.
    if era >= .v5_10 {
      try layout.validate(kernel: KernelIdentity(info))
    } else {
      #expect(throws: LayoutError.unknownBuild) {
        try layout.validate(kernel: KernelIdentity(info))
      }
    }
  }

  /// Distributions took the symbols' tables over into 5.14.
  @Test(arguments: KernelEra.allCases, [nil, true, false])
  func symbolsAreNamedSinceV60OrAsTold(
    era: KernelEra,
    told: Bool?
  ) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.kallsyms = told
    let info = try CoreFile(machine.build()).vmcoreInfo()
    let isNamed = info.value(.symbol, "kallsyms_names") != nil
    #expect(isNamed == told ?? (era >= .v6_1))
    let hasBase = info.value(.symbol, "kallsyms_relative_base") != nil
    #expect(hasBase == (isNamed && era < .v7_1))
  }

  /// Where the layout says a counter is, the folio's struct pages have it.
  @Test(arguments: KernelEra.allCases)
  func theCountersAreWhereTheLayoutSays(era: KernelEra) throws {
    var folio = Folio(
      .anonymous,
      order: 4,
      wholeMaps: 5,
      pageMaps: 2,
      mappedPages: 3..<10
    )
    folio.pins = 77
    var machine = SyntheticMachine()
    machine.era = era
    var vmcore = machine.build()
    let head = FrameNumber(0x6000)
    vmcore.setFolio(head, folio)
    let layout = try FlagLayout(text: era.flagLayoutText)
    let base = vmcore.pageAddress(of: head)
    func counter(_ counter: FlagLayout.Counter) throws -> UInt64? {
      guard let offset = layout[counter] else { return nil }
      let word = VirtualAddress(base.value + UInt64(offset & ~7))
      let value = try #require(vmcore.load64(word))
      return value >> (UInt64(offset & 4) * 8) & 0xffff_ffff
    }
    #expect(try counter(.entireMaps) == 4)
    #expect(try counter(.pins) == (era == .v4_18 ? nil : 77))
    #expect(try counter(.allMaps) == (era < .v6_12 ? nil : 18))
    // Every mapping and every pin holds a reference.
    let counts = VirtualAddress(base.value + 48)
    #expect(try #require(vmcore.load64(counts)) >> 32 == 5 + 14 + 77)
  }
}
