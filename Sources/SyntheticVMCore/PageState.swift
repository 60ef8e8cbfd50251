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
  /// A slab page: a flag in 6.1, a page type in 6.12.
  case slab
  /// Broken memory: the look of a free page, but for PG_hwpoison.
  case hwpoison
  /// Logically offline (a balloon): a page type.
  case offline
  /// Not yet accepted by a confidential guest; 6.12 only.
  case unaccepted
  /// A hugetlb page by its type; 6.12 only.
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
}

/// One struct page (include/linux/mm_types.h), in 64 bytes.
///
///      0 flags          8 lru.next, compound_head   16 lru.prev
///     24 mapping       32 index                     40 private
///     48 _mapcount     52 _refcount                 56 memcg_data
struct PageDescriptor: Sendable {
  var flags: UInt64 = 0
  var lruNext: UInt64 = 0
  var lruPrevious: UInt64 = 0
  var mapping: UInt64 = 0
  var privateData: UInt64 = 0
  var mapcount: Int32 = -1
  var refcount: UInt32 = 0

  var bytes: [UInt8] {
    [flags, lruNext, lruPrevious, mapping, 0, privateData]
      .flatMap(littleEndian)
      + littleEndian(mapcount) + littleEndian(refcount) + littleEndian(0)
  }
}

extension PageState {
  /// Whether frames in this state are linked into free lists.
  var isFree: Bool {
    if case .free = self { true } else { false }
  }

  /// The struct page of a frame in this state.
  func descriptor(
    era: KernelEra,
    where place: UInt64,
    pageAddress: (FrameNumber) -> UInt64
  ) -> PageDescriptor {
    let flags = era.flags
    let types = era.types
    // Any address of the direct mapping will do for a struct address_space.
    let mapping: UInt64 = 0xffff_8880_0123_4560
    var page = PageDescriptor(flags: place)
    switch self {
    case .free: break
    case .kernel: page.refcount = 1
    case .reserved:
      page.flags |= 1 << flags.reserved
      page.refcount = 1
    case .anonymous:
      page.flags |= 1 << flags.lru | 1 << flags.swapbacked | 1 << flags.uptodate
      page.mapping = mapping | 1
      page.mapcount = 0
      page.refcount = 1
    case .cache:
      page.flags |= 1 << flags.lru | 1 << flags.uptodate
      page.mapping = mapping
      page.refcount = 1
    case .cachePrivate:
      page.flags |=
        1 << flags.lru | 1 << flags.uptodate | 1 << flags.privateData
      page.mapping = mapping
      page.privateData = mapping + 0x1000
      page.refcount = 2
    case .slab:
      if let slab = flags.slab { page.flags |= 1 << slab }
      if let slab = types.slab { page.mapcount = slab }
      page.refcount = 1
    case .hwpoison: page.flags |= 1 << flags.hwpoison
    case .offline: page.mapcount = types.offline
    case .unaccepted: page.mapcount = required(types.unaccepted)
    case .hugetlb:
      page.mapcount = required(types.hugetlb)
      page.flags |= 1 << flags.head
      page.refcount = 1
    case .pageTable:
      page.mapcount = types.table
      page.refcount = 1
    case .referenced(let count): page.refcount = count
    case .mapped(let count): page.mapcount = Int32(count) - 1
    case .compoundHead:
      page.flags |= 1 << flags.head
      page.refcount = 1
    case .compoundTail(let head): page.lruNext = pageAddress(head) | 1
    case .buddy(let order):
      page.mapcount = types.buddy
      page.privateData = order
    }
    return page
  }
}

func required<T>(_ value: T?) -> T {
  guard let value else { preconditionFailure("not in this kernel era") }
  return value
}
