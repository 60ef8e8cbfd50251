// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import SyntheticVMCore
import Testing

/// makedumpfile counts the pages of every sort and time as what they were
/// described to be, or is wrong in a way that is written down here.
///
/// Debian 12 has 1.7.2, of October 2022. It knows no kernel after 6.2: of a
/// large folio it sees the head alone and leaves the tails in the dump, of
/// hugetlb pages it knows only those that a process mapped privately. With
/// 7.1 it takes the second page of a compound page for memory of a process,
/// because it looks for OFFSET(page.compound_head). Upstream's of 2026
/// (1.7.9++) knows all of them.
@Suite struct EraJudgeTests {
  /// The classes of makedumpfile's report.
  enum Class: String, CaseIterable {
    case cache = "Non-private cache pages"
    case cachePrivate = "Private cache pages"
    case user = "User process data pages"
    case hwpoison = "Hwpoison pages"
    case offline = "Offline pages"
  }

  typealias Counts = [Class: UInt64]

  @Test(arguments: KernelEra.allCases)
  func smallPagesAreWhatTheyAre(era: KernelEra) throws {
    try expect(era, Self.smallPages(era))
  }

  @Test(arguments: KernelEra.allCases)
  func foliosAreWhatTheyAre(era: KernelEra) throws {
    try expect(era, Self.folios(era))
  }

  @Test(arguments: KernelEra.allCases)
  func foliosThatNobodyMayHaveAreNot(era: KernelEra) throws {
    try expect(era, Self.keptFolios(era))
  }

  /// A state, on how many frames, and what makedumpfile makes of it.
  struct Sample {
    let state: PageState
    let frames: UInt64
    let counts: Counts

    init(_ state: PageState, _ frames: UInt64, _ counts: Counts = [:]) {
      self.state = state
      self.frames = frames
      self.counts = counts
    }
  }

  static func smallPages(_ era: KernelEra) -> [Sample] {
    [
      Sample(.cache(maps: 2), 3, [.cache: 3]),
      Sample(.dirtyCache, 5, [.cache: 5]),
      Sample(.writebackCache, 7, [.cache: 7]),
      Sample(.lockedCache, 9, [.cache: 9]),
      Sample(.awaitedCache, 11, [.cache: 11]),
      Sample(.pinnedCache, 13, [.cache: 13]),
      Sample(.shmem, 15, [.cache: 15]),
      Sample(.bufferedCache, 17, [.cachePrivate: 17]),
      Sample(.anonymous(maps: 3), 19, [.user: 19]),
      Sample(.strayed, 21, [.user: 21]),
      Sample(.swapCached, 23, [.user: 23]),
      Sample(.swapCachedOnly, 25, [.user: 25]),
      Sample(.ksm, 27, [.user: 27]),
      Sample(.lazyFree, 29, [.user: 29]),
      Sample(.mlocked, 31, [.user: 31]),
      Sample(.pinned, 33, [.user: 33]),
      Sample(.isolated, 35, [.user: 35]),
      Sample(.hwpoison, 37, [.hwpoison: 37]),
      // VMCOREINFO of 4.18 does not say what offline pages look like.
      Sample(.balloon, 39, era == .v4_18 ? [:] : [.offline: 39]),
      Sample(.zsmalloc, 41),
      Sample(.slab, 43),
      Sample(.pageTable, 45),
      Sample(.reserved, 47),
    ]
  }

  /// Whether makedumpfile knows what folios look like.
  static func knowsFolios(_ era: KernelEra) -> Bool {
    era <= .v6_1 || !Makedumpfile.isOfDebian12
  }

  /// What makedumpfile counts of a folio, all pages of which are of `type`.
  static func seen(_ era: KernelEra, _ folio: Folio, _ type: Class) -> Sample {
    var counts = kept(era, folio)
    counts[type, default: 0] += knowsFolios(era) ? UInt64(folio.count) : 1
    return Sample(.folio(folio), UInt64(folio.count), counts)
  }

  /// What it counts of a folio of which it should count nothing: where it
  /// finds no tails, it takes _entire_mapcount, which is one less than the
  /// mappings by PMDs, for page.mapping, and by its bit 0 for an anon_vma.
  static func kept(_ era: KernelEra, _ folio: Folio) -> Counts {
    let isMistaken =
      !knowsFolios(.v7_1) && era >= .v7_1 && folio.order > 0
      && folio.wholeMaps.isMultiple(of: 2)
    return isMistaken ? [.user: 1] : [:]
  }

  static func folios(_ era: KernelEra) -> [Sample] {
    var dirty = Folio(.file, order: 5, pageMaps: 1, mappedPages: 3..<9)
    dirty.flags = [.dirty, .writeback]
    var buffered = Folio(.file, order: 2)
    buffered.hasPrivateData = true
    var swapped = Folio(.anonymous, order: 4)
    swapped.isInSwapCache = true
    var pinned = Folio(.anonymous, order: 9, wholeMaps: 2)
    pinned.pins = 256
    let whole = Folio(.anonymous, order: 9, wholeMaps: 1)
    let split = Folio(.anonymous, order: 9, pageMaps: 1)
    let half = Folio(.anonymous, order: 6, pageMaps: 1, mappedPages: 0..<20)
    let both = Folio(.anonymous, order: 9, wholeMaps: 1, pageMaps: 1)
    let list: [(Folio, Class)] = [
      (Folio(.file, order: 1), .cache), (dirty, .cache),
      (Folio(.shmem, order: 9, wholeMaps: 1), .cache),
      (buffered, .cachePrivate), (swapped, .user), (pinned, .user),
      (whole, .user), (split, .user), (half, .user), (both, .user),
      (Folio(.hugetlb, order: 9, wholeMaps: 1), .user),
    ]
    return list.map { seen(era, $0, $1) }
  }

  static func keptFolios(_ era: KernelEra) -> [Sample] {
    let file = Folio(.hugetlbFile, order: 9)
    let free = Folio(.hugetlbFree, order: 9)
    var optimized = Folio(.hugetlb, order: 9, wholeMaps: 1)
    optimized.isOptimized = true
    var optimizedFree = free
    optimizedFree.isOptimized = true
    // A count of slabs in the place of page.mapping.
    var slab = Folio(.slab)
    slab.slabsOnCPU = 3
    let isMistaken = !knowsFolios(era) && era < .v7_1
    let list: [(Folio, Counts)] = [
      // Each 64th struct page looks like the head of a folio.
      (optimized, isMistaken ? [.user: 8] : seen(era, optimized, .user).counts),
      (slab, isMistaken ? [.user: 1] : [:]),
      (Folio(.slab, order: 3), kept(era, Folio(.slab, order: 3))),
      (Folio(.kernel, order: 2), kept(era, Folio(.kernel, order: 2))),
    ]
    // By its destructor a hugetlb page is one, free or not.
    return [file, free, optimizedFree].map {
      knowsFolios(era)
        ? seen(era, $0, .user)
        : Sample(.folio($0), 512, kept(era, $0))
    } + list.map { Sample(.folio($0), UInt64($0.count), $1) }
  }

  /// Lays the samples out, each where it is aligned, and compares the sums.
  private func expect(_ era: KernelEra, _ samples: [Sample]) throws {
    var machine = SyntheticMachine()
    machine.era = era
    var frame: UInt64 = 0x4000
    var expected: Counts = [:]
    for sample in samples {
      machine.contents.append(.init(frame, sample.frames, sample.state))
      frame += max(sample.frames, 512)
      expected.merge(sample.counts, uniquingKeysWith: +)
    }
    let report = try Makedumpfile(judging: machine.build())
    for type in Class.allCases {
      #expect(
        report.count(type.rawValue) == expected[type, default: 0],
        "\(type)"
      )
    }
  }
}
