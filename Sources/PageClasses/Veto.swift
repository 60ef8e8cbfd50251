// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Why a frame is not lent.
///
/// A frame has one veto at most, the first that applies; so the vetoes'
/// counts and the frames that are lent add up to the frames that were seen.
public enum Veto: UInt8, CaseIterable, Sendable {
  // What it is.

  /// PG_hwpoison: the memory is known to be bad.
  case hardwarePoison
  /// PageOffline: a hypervisor or a driver has it.
  case offline
  /// The guest has not accepted it; touching it would fault.
  case unaccepted
  /// PG_reserved.
  case reserved
  /// A hugetlb page that somebody uses, or may use.
  case hugetlbInUse

  // The dump wants it.

  /// The dump level in force has pages of this class dumped.
  case dumpLevel
  /// The same, and it is dirty: it is nowhere but here.
  case dirty
  /// The level leaves the class out, but the makedumpfile that will run does
  /// not recognise this page.
  case collector

  // Somebody may still use it.

  /// Nobody knows this kernel's flags, so nobody knows whether it is in use.
  case unknownFlags
  /// PG_locked: under I/O, or about to be.
  case locked
  /// PG_writeback: a device may be reading it.
  case writeback
  /// PG_waiters: somebody waits for its lock or its writeback.
  case waiters
  /// PG_unevictable or PG_mlocked: kept in memory on purpose.
  case unevictable
  /// Pinned for DMA.
  case pinned
  /// Its references are not those of its mappings, the cache and private
  /// data: somebody else holds it.
  case references
  /// Private data: a filesystem's own, which may be under I/O piece by piece
  /// without PG_locked and PG_writeback.
  case hasPrivate
  /// On no LRU list: taken off it for migration or reclaim, or not yet on.
  case isolated
  /// Its mapping is none that a page of its class can have.
  case mapping

  // Compound pages.

  /// A compound page whose pages do not agree, or one under construction.
  case halfBuilt
  /// The look of a compound page's head where a tail is: the memory map of a
  /// hugetlb page, folded up by HVO.
  case fakeHead
  /// The tail of no compound page that was seen.
  case tail

  // Free blocks.

  /// A page of a free block has a type, or a mapping count.
  case pageType
  /// A page of a free block is part of a compound page.
  case compound
  /// A page of a free block has a flag that only pages in use have.
  case flagOfUse
  /// A page of a free block has a mapping.
  case mapped
  /// A page of a free block has a reference: somebody uses it.
  case referenced
  /// The first page of a free block has another order than its list, or one
  /// that does not exist.
  case order
  /// The block begins where none of its order can.
  case alignment
  /// Shares a free block with a frame that has a veto.
  case sharedBlock

  // Where it is.

  /// In no section that is online.
  case sectionNotOnline
  /// Its struct page cannot be read.
  case noDescriptor
  /// Below 16 MiB (ZONE_DMA), where firmware and old devices are at home.
  case dmaZone
  /// No PT_LOAD has the whole frame.
  case outsideLoad
  /// In a range that the caller keeps, such as the capture kernel's own.
  case excluded
}

extension Veto {
  /// The veto's name in reports.
  public var name: StaticString {
    switch self {
    case .hardwarePoison: "hwpoison"
    case .offline: "offline"
    case .unaccepted: "unaccepted"
    case .reserved: "reserved"
    case .hugetlbInUse: "hugetlb-in-use"
    case .dumpLevel: "dump-level"
    case .dirty: "dirty"
    case .collector: "makedumpfile"
    case .unknownFlags: "unknown-flags"
    case .locked: "locked"
    case .writeback: "writeback"
    case .waiters: "waiters"
    case .unevictable: "unevictable"
    case .pinned: "pinned"
    case .references: "references"
    case .hasPrivate: "private"
    case .isolated: "isolated"
    case .mapping: "mapping"
    case .halfBuilt: "half-built"
    case .fakeHead: "fake-head"
    case .tail: "tail"
    case .pageType: "page-type"
    case .compound: "compound"
    case .flagOfUse: "flag-of-use"
    case .mapped: "mapped"
    case .referenced: "referenced"
    case .order: "order"
    case .alignment: "alignment"
    case .sharedBlock: "shared-block"
    case .sectionNotOnline: "section-not-online"
    case .noDescriptor: "no-struct-page"
    case .dmaZone: "dma-zone"
    case .outsideLoad: "outside-load"
    case .excluded: "excluded"
    }
  }

  /// Whether the veto is there because of I/O that may be under way: those
  /// that a test may switch off to see what they are good for.
  var isInFlight: Bool {
    switch self {
    case .locked, .writeback, .waiters, .unevictable, .pinned, .references,
      .hasPrivate:
      true
    default: false
    }
  }
}
