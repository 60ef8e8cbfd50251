// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// What a frame of the built machine is used for.
public enum PageState: Sendable {
  /// Free, in buddy blocks as large as alignment allows; for one page, the
  /// look of a page inside such a block.
  case free
  /// Allocated by the kernel, with nothing more to be said.
  case kernel
  /// PG_reserved.
  case reserved
  /// An anonymous page of a process.
  case anonymous
  /// A clean page of the page cache.
  case cache
  /// A page of the page cache with private data.
  case cachePrivate
  /// A slab page: a flag until v6.9, a page type since v6.10.
  case slab
  /// Broken memory: the look of a free page, but for PG_hwpoison.
  case hwpoison
  /// Logically offline: a page type.
  case offline
  /// Not yet accepted by a confidential guest: a page type since v6.12.
  case unaccepted
  /// A hugetlb page by its type, since v6.9.
  case hugetlb
  /// A page table page: a page type that VMCOREINFO does not name.
  case pageTable
  /// The look of a free page, but somebody holds that many references.
  case referenced(UInt32)
  /// The look of a free page, but mapped that many times.
  case mapped(UInt32)
  /// The first page of a compound page.
  case compoundHead
  /// A later page of the compound page whose head is that frame.
  case compoundTail(FrameNumber)
  /// Marked as the first page of a free block of that order.
  case buddy(order: UInt64)
  /// The look of a page inside a free block, but on no list: a page that a
  /// CPU keeps to itself, or a later page of a large allocation that is not
  /// a compound page, of which the first one alone has a reference.
  case unlisted
  /// A page of folios of that sort, which one by its alignment.
  case folio(Folio)
  /// A page that a balloon took, and that may be moved.
  case balloon
  /// A page of zsmalloc, which may be moved.
  case zsmalloc
}

extension PageState {
  /// Whether frames in this state are linked into free lists.
  var isFree: Bool {
    if case .free = self { true } else { false }
  }

  /// Whether the struct page of one frame in this state differs from that of
  /// the next.
  var dependsOnFrame: Bool {
    switch self {
    case .compoundTail, .folio: true
    default: false
    }
  }

  /// Any address of the direct mapping will do for what page.mapping points
  /// to.
  static let mapping: UInt64 = 0xffff_8880_0123_4560

  /// The struct page of `frame` in this state.
  func descriptor(
    of frame: UInt64,
    era: KernelEra,
    where place: UInt64,
    pageAddress: (FrameNumber) -> UInt64
  ) -> PageDescriptor {
    let flags = era.flags
    let types = era.types
    var page = PageDescriptor(flags: place)
    switch self {
    case .free, .unlisted: break
    case .kernel: page.refcount = 1
    case .reserved:
      page.flags |= flags[.reserved]
      page.refcount = 1
    case .anonymous:
      page.flags |= flags.mask([.lru, .swapBacked, .uptodate])
      page.mapping = Self.mapping | 1
      page.mapcount = 0
      page.refcount = 1
    case .cache:
      page.flags |= flags.mask([.lru, .uptodate])
      page.mapping = Self.mapping
      page.refcount = 1
    case .cachePrivate:
      page.flags |= flags.mask([.lru, .uptodate, .hasPrivate])
      page.mapping = Self.mapping
      page.privateData = Self.mapping + 0x1000
      page.refcount = 2
    case .slab:
      page.flags |= flags[.slab]
      if let slab = types[.slab] { page.mapcount = slab }
      page.refcount = 1
    case .hwpoison: page.flags |= flags[.hardwarePoison]
    case .offline: page.mapcount = required(types[.offline])
    case .unaccepted: page.mapcount = required(types[.unaccepted])
    case .hugetlb:
      page.mapcount = required(types[.hugetlb])
      page.flags |= flags[.head]
      page.refcount = 1
    case .pageTable:
      page.mapcount = required(types[.table])
      page.refcount = 1
    case .referenced(let count): page.refcount = count
    case .mapped(let count): page.mapcount = Int32(count) - 1
    case .compoundHead:
      page.flags |= flags[.head]
      page.refcount = 1
    case .compoundTail(let head):
      page.lruNext = era.tailWord(of: frame, head: head, pageAddress)
    case .buddy(let order):
      page.mapcount = required(types[.buddy])
      page.privateData = order
    case .folio(let folio):
      page = folio.descriptor(of: frame, era, where: place, pageAddress)
    case .balloon, .zsmalloc:
      page.makeMovable(self, era)
    }
    // The multi-generational lists number their pages, in bits above the
    // flags (LRU_GEN_MASK); distributions have them since about v6.6.
    if era >= .v6_9, page.flags & flags[.lru] != 0,
      page.flags & flags[.unevictable] == 0
    {
      page.flags |= 3 << 27
    }
    return page
  }
}

extension KernelEra {
  /// What the second word of a tail says of the compound page that begins at
  /// `head`.
  ///
  /// Until v7.0 it is the address of the head's struct page, plus 1. Since
  /// commit d6746190bbf3 ("mm: rework compound_head() for power-of-2
  /// sizeof(struct page)") in v7.1 it is a mask, plus 1, which leaves that
  /// address over of the tail's own one, with ones from the bit of the
  /// folio's size in struct pages on. It so says nothing but the order, and
  /// a head that no order leads to cannot be said: the nearest order is.
  func tailWord(
    of frame: UInt64,
    head: FrameNumber,
    _ pageAddress: (FrameNumber) -> UInt64
  ) -> UInt64 {
    guard self >= .v7_1 else { return pageAddress(head) | 1 }
    let distance = frame ^ head.value
    return tailMask(order: max(64 - distance.leadingZeroBitCount, 1))
  }

  /// The mask that a tail of a folio of `order` holds, for struct pages of
  /// 64 bytes.
  func tailMask(order: Int) -> UInt64 {
    UInt64.max << UInt64(order + 6) | 1
  }
}

func required<T>(_ value: T?) -> T {
  guard let value else { preconditionFailure("not in this kernel era") }
  return value
}
