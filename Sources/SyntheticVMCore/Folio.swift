// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Pages that are used as one, as the kernel would have left them: one page
/// of order 0, or a compound page, a head with its tails.
///
///     var folio = Folio(.anonymous, order: 9, wholeMaps: 1)
///     folio.pins = 256
///     machine.contents = [.init(0x6000, 512, .folio(folio))]
///
/// Reference counts, map counts and pins are where the kernel of the time
/// keeps them, and agree with each other; `strayReferences` are those that
/// nothing explains.
public struct Folio: Sendable {
  /// Whose the pages are.
  public enum Kind: Sendable {
    /// Memory of processes.
    case anonymous
    /// Memory of processes that was found to be the same, and merged.
    case ksm
    /// Page cache of a file.
    case file
    /// Page cache of a tmpfs file, or shared memory.
    case shmem
    /// A hugetlb page that one process mapped privately.
    case hugetlb
    /// A hugetlb page in the cache of a hugetlbfs file.
    case hugetlbFile
    /// A hugetlb page that waits in its pool.
    case hugetlbFree
    /// A slab on no list.
    case slab
    /// Memory of the kernel.
    case kernel
  }

  /// What became of the tails.
  public enum Tails: Sendable, Equatable {
    /// All of them say that they are tails of this folio.
    case whole
    /// Those from that index on do not: the look of free pages.
    case missing(from: Int)
    /// All of them name another head.
    case strayed(to: FrameNumber)
  }

  /// Whose the pages are.
  public var kind: Kind
  /// log2 of the number of pages.
  public var order: Int
  /// Mappings of all of it by a PMD.
  public var wholeMaps: UInt32
  /// Mappings of each of `mappedPages` by a PTE.
  public var pageMaps: UInt32
  /// The pages that PTEs map; nil for all.
  public var mappedPages: Range<Int>?
  /// Pins by pin_user_pages(), as for DMA; before v5.6, plain references.
  public var pins: UInt32 = 0
  /// References that come from nowhere.
  public var strayReferences: UInt32 = 0
  /// Whether it is in the swap cache too.
  public var isInSwapCache = false
  /// Whether the filesystem keeps buffers of it, or the like.
  public var hasPrivateData = false
  /// Slabs behind this one on the list of a CPU, which a slab keeps in the
  /// place of page.mapping from v6.2 to v6.18.
  public var slabsOnCPU: UInt32 = 0
  /// Whether most of a hugetlb page's struct pages were given back (HVO):
  /// the first 64 show in the place of the others until v7.0.
  public var isOptimized = false
  /// Flags beside those of its kind.
  public var flags: [PageFlag] = []
  /// Flags of its kind that it lacks.
  public var lackedFlags: [PageFlag] = []
  /// What became of the tails.
  public var tails = Tails.whole

  /// A folio that is sound and that nobody has mapped but as told.
  public init(
    _ kind: Kind,
    order: Int = 0,
    wholeMaps: UInt32 = 0,
    pageMaps: UInt32 = 0,
    mappedPages: Range<Int>? = nil
  ) {
    self.kind = kind
    self.order = order
    self.wholeMaps = wholeMaps
    self.pageMaps = pageMaps
    self.mappedPages = mappedPages
  }

  /// How many pages it has.
  public var count: Int { 1 << order }
}

extension Folio {
  var isHugetlb: Bool {
    switch kind {
    case .hugetlb, .hugetlbFile, .hugetlbFree: true
    default: false
    }
  }

  var isAnonymous: Bool { kind == .anonymous || kind == .ksm }

  /// Whether processes map it page by page: a folio with a destructor of
  /// transparent huge pages, since v6.6 PG_large_rmappable.
  var isMappable: Bool {
    switch kind {
    case .anonymous, .file, .shmem: true
    default: false
    }
  }

  /// PTEs that map page `index`.
  func maps(ofPage index: Int) -> UInt32 {
    (mappedPages ?? 0..<count).contains(index) ? pageMaps : 0
  }

  /// How often it is mapped, by PMDs and PTEs.
  var allMaps: UInt32 {
    wholeMaps + pageMaps * UInt32(mappedPages?.count ?? count)
  }

  /// How many of its pages PTEs map.
  var mappedPageCount: UInt32 {
    pageMaps == 0 ? 0 : UInt32(mappedPages?.count ?? count)
  }

  /// What _refcount is.
  func references(_ era: KernelEra) -> UInt32 {
    var references = allMaps + strayReferences
    switch kind {
    case .anonymous, .ksm, .file, .shmem:
      if isInSwapCache || !isAnonymous { references += UInt32(count) }
      if hasPrivateData { references += 1 }
    // A reference for each page since commit a08c7193e4f1 ("mm/filemap:
    // remove hugetlb special casing in filemap.c") in v6.7.
    case .hugetlbFile: references += era >= .v6_9 ? UInt32(count) : 1
    case .hugetlb, .hugetlbFree: break
    // None since commit 9aec2fb0fd5e ("slab: allocate frozen pages") in
    // v6.14.
    case .slab: references += era >= .v6_18 ? 0 : 1
    case .kernel: references += 1
    }
    return references + pins * era.referencesPerPin(order: order)
  }

  /// The flags of the first page.
  var headFlags: [PageFlag] {
    var all = flags
    if order > 0 { all.append(.head) }
    switch kind {
    case .anonymous, .ksm: all += [.lru, .uptodate, .swapBacked]
    case .file: all += [.lru, .uptodate]
    case .shmem: all += [.lru, .uptodate, .dirty, .swapBacked]
    case .hugetlb, .hugetlbFile: all.append(.uptodate)
    case .slab: all.append(.slab)
    case .hugetlbFree, .kernel: break
    }
    if isInSwapCache { all.append(.swapCache) }
    if hasPrivateData { all.append(.hasPrivate) }
    return all.filter { !lackedFlags.contains($0) }
  }
}

extension KernelEra {
  /// What a pin adds to _refcount: GUP_PIN_COUNTING_BIAS where pins are not
  /// counted apart (commit 3faa52c03f44 ("mm/gup: track FOLL_PIN pages") in
  /// v5.7), which large folios had no room for in their second page until
  /// v5.18.
  func referencesPerPin(order: Int) -> UInt32 {
    guard let place = compound.pins else { return 1 }
    return place / 64 < 1 << order ? 1 : 1024
  }
}
