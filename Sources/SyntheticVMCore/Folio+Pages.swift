// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// The struct pages of a folio.
extension Folio {
  /// Where the folio begins that `frame` is in: folios are aligned.
  func head(of frame: UInt64) -> UInt64 { frame & ~(UInt64(count) - 1) }

  /// The struct page of `frame`; `place` is its node and zone.
  func descriptor(
    of frame: UInt64,
    _ era: KernelEra,
    where place: UInt64,
    _ pageAddress: (FrameNumber) -> UInt64
  ) -> PageDescriptor {
    let start = head(of: frame)
    var index = Int(frame - start)
    // The struct pages of the first page of them, mapped again and again
    // (commit e7d324850bfc ("mm: hugetlb: free the 2nd vmemmap page
    // associated with each HugeTLB page") in v5.18), until v7.1 took another
    // page of tails for them (commit 757128806237 ("mm/hugetlb: remove fake
    // head pages")).
    if isOptimized, era < .v7_1 { index %= 64 }
    var page = PageDescriptor(flags: place)
    guard index > 0 else {
      makeHead(&page, start, era, pageAddress)
      return page
    }
    if case .missing(let from) = tails, index >= from { return page }
    // An empty list, from the time when the kernel started; the one page of
    // tails that stands for all is younger.
    let isShared = isOptimized && index >= 64
    page.lruPrevious =
      isShared ? 0 : pageAddress(FrameNumber(start + UInt64(index))) + 8
    // TAIL_MAPPING, above POISON_POINTER_DELTA.
    page.mapping = 0xdead_0000_0000_0400
    var head = FrameNumber(start)
    if case .strayed(let other) = tails { head = other }
    page.lruNext =
      head.value == start && era >= .v7_1
      ? era.tailMask(order: order)
      : era.tailWord(of: frame, head: head, pageAddress)
    page.mapcount = pageMapcount(index, era)
    if maps(ofPage: index) == 1, wholeMaps == 0 { markExclusive(&page, era) }
    // Each page of the swap cache had an entry until v6.6.
    if isInSwapCache, era < .v6_6 {
      page.privateData = Self.swapEntry + UInt64(index)
    }
    let base = pageAddress(FrameNumber(start))
    writeCounters(&page, index, era)
    writeList(&page, index, base, era)
    return page
  }

  private static let swapEntry: UInt64 = 0x400_0000_0000_1200
  // What a list leaves in those that left it (include/linux/poison.h). The
  // second looks like a mapping of a page that can be moved.
  private static let poison1: UInt64 = 0xdead_0000_0000_0100
  private static let poison2: UInt64 = 0xdead_0000_0000_0122

  /// PG_anon_exclusive: one process has the page, commit 78fbe906cc90 ("mm/
  /// page-flags: reuse PG_mappedtodisk as PG_anon_exclusive for PageAnon()
  /// pages") in v5.19.
  private func markExclusive(_ page: inout PageDescriptor, _ era: KernelEra) {
    guard kind == .anonymous || kind == .hugetlb, era >= .v6_1 else { return }
    page.flags |= era.flags[era >= .v6_12 ? .owner2 : .mappedToDisk]
  }

  private func makeHead(
    _ page: inout PageDescriptor,
    _ start: UInt64,
    _ era: KernelEra,
    _ pageAddress: (FrameNumber) -> UInt64
  ) {
    page.flags |= era.flags.mask(headFlags)
    page.refcount = references(era)
    page.mapcount = pageMapcount(0, era)
    // Neighbours on a list, which need not be next to it in memory.
    page.lruNext = pageAddress(FrameNumber(start + 0x40)) + 8
    page.lruPrevious = pageAddress(FrameNumber(start ^ 0x80)) + 8
    switch kind {
    case .anonymous, .hugetlb: page.mapping = PageState.mapping | 1
    case .ksm: page.mapping = PageState.mapping | 3
    case .file, .shmem, .hugetlbFile: page.mapping = PageState.mapping
    case .slab: makeSlab(&page, era)
    case .hugetlbFree: break
    case .kernel:
      page.lruNext = 0
      page.lruPrevious = 0
    }
    if wholeMaps + maps(ofPage: 0) == 1 { markExclusive(&page, era) }
    // Not on a list, but counted, since commit 07ca76067308 ("mm/munlock:
    // maintain page->mlock_count while unevictable") in v5.18.
    if flags.contains(.unevictable), era >= .v6_1 {
      page.lruNext = Self.poison1
      page.lruPrevious = Self.poison2 & ~0xffff_ffff | 1
    }
    if isInSwapCache { page.privateData = Self.swapEntry }
    if hasPrivateData { page.privateData = PageState.mapping + 0x1000 }
    if isHugetlb {
      if let type = era.types[.hugetlb] { page.mapcount = type }
      // HPG_migratable, HPG_freed, HPG_vmemmap_optimized: commit
      // d6995da31122 ("hugetlb: use page.private for hugetlb specific page
      // flags") in v5.12.
      if era >= .v5_14 {
        page.privateData = kind == .hugetlbFree ? 1 << 3 : 1 << 1
        if isOptimized { page.privateData |= 1 << 4 }
      }
    }
  }

  /// struct slab (mm/slab.h), which until v5.16 was part of struct page.
  ///
  ///              until v6.1              since v6.2
  ///      8   list, or next           slab_cache
  ///     16        or pages, slabs    list, or next
  ///     24   slab_cache                    or slabs
  private func makeSlab(_ page: inout PageDescriptor, _ era: KernelEra) {
    // Objects: 16 used of 32, not frozen.
    page[word: 32] = PageState.mapping + 0x2000
    page[word: 40] = 32 << 16 | 16
    if let type = era.types[.slab] { page.mapcount = type }
    // Commit 130d4df57390 ("mm/sl[au]b: rearrange struct slab fields to
    // allow larger rcu_head") in v6.2.
    let list = era <= .v6_1 ? 8 : 16
    page[word: era <= .v6_1 ? 24 : 8] = PageState.mapping
    page[word: list] = Self.poison1
    page[word: list + 8] = Self.poison2
    // An int, and so no address: bit 0 may be set.
    if slabsOnCPU > 0, era < .v7_1 {
      page[word: list] = PageState.mapping + 0x5000
      page[word: list + 8] = UInt64(slabsOnCPU)
    }
  }

  /// _mapcount of page `index`: PTEs less one, and until v6.1 more.
  private func pageMapcount(_ index: Int, _ era: KernelEra) -> Int32 {
    guard !isHugetlb else { return -1 }
    var maps = maps(ofPage: index)
    // Until commit cb67f4282bf9 ("mm,thp,rmap: simplify compound page
    // mapcount handling") in v6.2, PMDs that map a file count in each page,
    // and where PTEs and PMDs map anonymous memory, all PMDs together count
    // as one.
    if order > 0, era <= .v6_1, wholeMaps > 0 {
      if !isAnonymous { maps += wholeMaps } else if isDoubleMapped { maps += 1 }
    }
    return Int32(maps) - 1
  }

  /// Whether the folio has PG_double_map, until v6.2; a file's has it once
  /// a PTE mapped it.
  private var isDoubleMapped: Bool {
    order > 0 && pageMaps > 0 && (wholeMaps > 0 || !isAnonymous)
  }

  /// What the second and third struct page hold instead of a tail's fields.
  private func writeCounters(
    _ page: inout PageDescriptor,
    _ index: Int,
    _ era: KernelEra
  ) {
    let layout = era.compound
    func put(_ value: UInt32, at offset: Int?) {
      guard let offset, offset / 64 == index else { return }
      page[half: offset % 64] = value
    }
    if index == 1 {
      writeOrder(&page, era)
      writeOwner(&page, era)
    }
    put(wholeMaps &- 1, at: layout.entireMaps)
    put(allMaps &- 1, at: layout.allMaps)
    // ENTIRELY_MAPPED; hugetlb does not count its one page.
    let whole: UInt32 = wholeMaps > 0 && !isHugetlb ? 0x80_0000 : 0
    put(mappedPageCount + whole, at: layout.mappedPages)
    put(pins, at: layout.pins)
    put(UInt32(count), at: layout.count)
  }

  /// Which processes map it: one, or none, which hugetlb always says
  /// (commit 6af8cb80d3a9 ("mm/rmap: basic MM owner tracking for large folios
  /// (!hugetlb)") in v6.15).
  private func writeOwner(_ page: inout PageDescriptor, _ era: KernelEra) {
    guard let owners = era.compound.owners else { return }
    page[word: owners % 64] = .max
    if allMaps > 0, !isHugetlb {
      page[half: owners % 64] = allMaps - 1
      page[word: owners % 64 + 8] = 2
    }
  }

  private func writeOrder(_ page: inout PageDescriptor, _ era: KernelEra) {
    if let destructor = era.compound.destructor {
      // enum compound_dtor_id: compound, hugetlb, transparent huge page.
      let id: UInt8 = isHugetlb ? 2 : isMappable ? 3 : 1
      page[byte: destructor % 64] = id
      page[byte: destructor % 64 + 1] = UInt8(order)
    } else {
      page.flags |= UInt64(order)
      // PG_hugetlb, PG_large_rmappable, PG_partially_mapped.
      if isHugetlb, era == .v6_6 { page.flags |= era.flags[.active] }
      if isMappable { page.flags |= era.flags[.workingset] }
      if isPartial, era >= .v6_12 { page.flags |= era.flags[.reclaim] }
    }
    if let bit = era.doubleMap, isDoubleMapped { page.flags |= 1 << bit }
    // page_huge_active(), until hugetlb had flags of its own.
    if isHugetlb, kind != .hugetlbFree, era <= .v5_10 {
      page.flags |= era.flags[.hasPrivate]
    }
  }

  /// Whether some pages of anonymous memory are mapped and others are not.
  private var isPartial: Bool {
    kind == .anonymous && wholeMaps == 0 && mappedPageCount > 0
      && mappedPageCount < count
  }

  /// The list of folios to be split, empty, or what hugetlb keeps there: its
  /// pool and control groups.
  private func writeList(
    _ page: inout PageDescriptor,
    _ index: Int,
    _ base: UInt64,
    _ era: KernelEra
  ) {
    let group = PageState.mapping + 0x4000
    if isHugetlb, era <= .v6_1 {
      if index == 2, kind != .hugetlbFree { page.privateData = group }
      return
    }
    if isHugetlb, index == (era >= .v6_12 ? 3 : 2) {
      page[word: 16] = 0
      page[word: 24] = kind == .hugetlbFree ? 0 : group
      page[word: 32] = 0
      return
    }
    // Every folio has the list since v6.9, before those that can be split.
    guard index == 2, isMappable || era >= .v6_9 else { return }
    let list = era.compound.list
    page[word: list % 64] = base + UInt64(list)
    page[word: list % 64 + 8] = base + UInt64(list)
  }
}
