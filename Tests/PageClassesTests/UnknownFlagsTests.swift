// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// Where nobody knows a kernel's flags, free pages are lent and nothing else,
/// and what would have been lent has that for its veto.
@Suite struct UnknownFlagsTests {
  /// The sample as it is judged without a flag layout.
  static func veiled(_ sample: Sample) -> Sample {
    var pageClass = sample.pageClass
    switch pageClass {
    // PG_dirty is one of the flags that nobody knows.
    case .dirtyCache:
      if case .folio(let folio) = sample.state, folio.order > 0 {
        pageClass = .largeCache
      } else {
        pageClass = .cache
      }
    // And so is PG_reserved.
    case .reserved: pageClass = .kernel
    default: break
    }
    let veto: Veto? =
      switch sample.veto {
      case nil: .unknownFlags
      case .locked, .writeback, .waiters, .unevictable, .pinned, .references,
        .hasPrivate, .hugetlbInUse:
        .unknownFlags
      case .reserved: .dumpLevel
      case let veto: veto
      }
    return sample.with(pageClass, veto)
  }

  @Test(arguments: KernelEra.allCases)
  func smallPagesInUseAreKept(era: KernelEra) throws {
    let samples =
      SmallPageTests.cache(era) + SmallPageTests.anonymous(era)
      + SmallPageTests.kernel(era)
    try Sample.expect(samples.map(Self.veiled), era, .all)
  }

  @Test(arguments: KernelEra.allCases)
  func largeFoliosInUseAreKept(era: KernelEra) throws {
    var samples = LargeFolioTests.mapped(.anonymous, .largeAnonymous)
    samples += LargeFolioTests.mapped(.shmem, .dirtyCache).prefix(4)
    samples += LargeFolioTests.inUse(.file, .largeCache)
    samples += LargeFolioTests.others
    try Sample.expect(samples.map(Self.veiled), era, .all)
  }

  @Test(arguments: KernelEra.allCases)
  func thePoolOfHugetlbfsIsKept(era: KernelEra) throws {
    var optimized = Folio(.hugetlbFree, order: 9)
    optimized.isOptimized = true
    let samples = [
      Sample("free", Folio(.hugetlbFree, order: 9), .hugetlb),
      Sample("optimized", optimized, .hugetlb),
      Sample("mapped", Folio(.hugetlb, order: 9, wholeMaps: 1), .hugetlb),
    ]
    try Sample.expect(samples.map(Self.veiled), era, .all)
  }
}
