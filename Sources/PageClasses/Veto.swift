// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Why a frame is not lent.
///
/// A frame has one veto at most, the first that applies; so the vetoes'
/// counts and the frames that are lent add up to the frames that were seen.
public enum Veto: UInt8, CaseIterable, Sendable {
  /// PG_hwpoison: the memory is known to be bad.
  case hardwarePoison
  /// PageOffline: a hypervisor or a driver has it.
  case offline
  /// The guest has not accepted it; touching it would fault.
  case unaccepted
  /// A huge page, in use or in reserve.
  case hugetlb
  /// An allocator's slab.
  case slab
  /// Another page type, or a mapping count.
  case otherType
  /// Part of a compound page, or half of one that is being built.
  case compound
  /// On a reclaim list: page cache or anonymous memory.
  case lru
  /// PG_private: somebody hangs on to it.
  case hasPrivate
  /// PG_swapcache.
  case swapCache
  /// PG_swapbacked.
  case swapBacked
  /// Has a mapping, though nobody counts as its user.
  case mapped
  /// Has a reference: somebody uses it.
  case referenced
  /// No user and no type: on its way from or to the free lists, on a
  /// processor's own list, or never given to the allocator.
  case notListed
  /// The first page of a free block has another order than its list, or one
  /// that does not exist.
  case order
  /// The block begins where none of its order can.
  case alignment
  /// Shares a free block with a frame that has a veto.
  case sharedBlock
  /// Its struct page cannot be read.
  case noDescriptor
  /// Below 16 MiB, where firmware and old devices are at home.
  case lowMemory
  /// No PT_LOAD has the whole frame.
  case outsideLoad
  /// In a range that the caller keeps, such as the capture kernel's own.
  case excluded
  /// The dump level in force has the frame dumped.
  case dumpLevel

  /// The veto's name in reports.
  public var name: StaticString {
    switch self {
    case .hardwarePoison: "hwpoison"
    case .offline: "offline"
    case .unaccepted: "unaccepted"
    case .hugetlb: "hugetlb"
    case .slab: "slab"
    case .otherType: "page-type"
    case .compound: "compound"
    case .lru: "lru"
    case .hasPrivate: "private"
    case .swapCache: "swapcache"
    case .swapBacked: "swapbacked"
    case .mapped: "mapping"
    case .referenced: "referenced"
    case .notListed: "not-listed"
    case .order: "order"
    case .alignment: "alignment"
    case .sharedBlock: "shared-block"
    case .noDescriptor: "no-struct-page"
    case .lowMemory: "below-16-mib"
    case .outsideLoad: "outside-load"
    case .excluded: "excluded"
    case .dumpLevel: "dump-level"
    }
  }
}

/// How many frames each veto kept from being lent.
public struct VetoCounts: Equatable, Sendable {
  private var counts = [UInt64](repeating: 0, count: Veto.allCases.count)

  /// Counts nothing yet.
  public init() {}

  /// The frames that have `veto`.
  public subscript(veto: Veto) -> UInt64 { counts[Int(veto.rawValue)] }

  /// The frames that have any veto.
  public var total: UInt64 {
    var sum: UInt64 = 0
    for count in counts { sum &+= count }
    return sum
  }

  mutating func add(_ veto: Veto, _ frames: UInt64) {
    counts[Int(veto.rawValue)] &+= frames
  }
}
