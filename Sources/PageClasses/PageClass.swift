// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a page was used for when the machine crashed.
public enum PageClass: UInt8, CaseIterable, Sendable {
  /// In a free block of the buddy allocator.
  case free
  /// A page of the page cache that is as on disk, without private data.
  case cache
  /// The same as a large folio.
  case largeCache
  /// Page cache that nobody has written back yet, shmem too, of any order.
  case dirtyCache
  /// Page cache with private data, such as buffer heads.
  case privateCache
  /// An anonymous page of a process.
  case anonymous
  /// The same as a large folio: a transparent huge page, as a rule.
  case largeAnonymous
  /// A page of hugetlbfs, in use or in the pool.
  case hugetlb
  /// An allocator's slab.
  case slab
  /// PageOffline: a hypervisor or a driver has it.
  case offline
  /// PG_hwpoison: the memory is known to be bad.
  case hardwarePoison
  /// A confidential guest has not accepted it; touching it would fault.
  case unaccepted
  /// PG_reserved: the kernel's image, firmware, holes.
  case reserved
  /// The kernel's in any other way, or nobody's for a moment.
  case kernel

  /// The class's name in reports and in frame lists.
  public var name: StaticString {
    switch self {
    case .free: "free"
    case .cache: "cache"
    case .largeCache: "large-cache"
    case .dirtyCache: "dirty-cache"
    case .privateCache: "private-cache"
    case .anonymous: "anonymous"
    case .largeAnonymous: "large-anonymous"
    case .hugetlb: "hugetlb"
    case .slab: "slab"
    case .offline: "offline"
    case .hardwarePoison: "hwpoison"
    case .unaccepted: "unaccepted"
    case .reserved: "reserved"
    case .kernel: "kernel"
    }
  }

  /// In which order classes are lent, 0 first.
  ///
  /// Free pages have no legal DMA, so they come first; page cache is read
  /// again from a disk, if anybody ever could; anonymous memory comes last.
  public var preference: UInt8 {
    switch self {
    case .free: 0
    case .hugetlb, .cache, .largeCache: 1
    case .dirtyCache: 2
    default: 3
    }
  }
}

/// A set of classes.
public struct PageClassSet: OptionSet, Equatable, Sendable {
  /// A bit for each class, by its raw value.
  public let rawValue: UInt16

  /// Takes the bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The set of one class.
  public init(_ pageClass: PageClass) {
    rawValue = 1 << UInt16(pageClass.rawValue)
  }

  /// Whether `pageClass` is in the set.
  public func contains(_ pageClass: PageClass) -> Bool {
    contains(PageClassSet(pageClass))
  }

  /// Free pages.
  public static let free = PageClassSet(.free)
  /// Page cache, and the pool of hugetlbfs, which costs no more.
  public static let cache: PageClassSet = [
    PageClassSet(.cache), PageClassSet(.largeCache),
    PageClassSet(.dirtyCache), PageClassSet(.privateCache),
    PageClassSet(.hugetlb),
  ]
  /// Memory of processes.
  public static let anonymous: PageClassSet = [
    PageClassSet(.anonymous), PageClassSet(.largeAnonymous),
  ]
  /// Everything that may ever be lent.
  public static let all: PageClassSet = [.free, .cache, .anonymous]
}
