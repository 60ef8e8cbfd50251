// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import PageClasses

/// Classes that a picture shows alike: one letter, one hue.
public enum PageKind: UInt8, CaseIterable, Sendable {
  /// In a free block.
  case free
  /// Page cache as on disk, of any order.
  case cache
  /// Page cache that nobody has written back.
  case dirtyCache
  /// Page cache with private data.
  case privateCache
  /// Memory of processes, of any order.
  case anonymous
  /// hugetlbfs.
  case hugetlb
  /// An allocator's slab.
  case slab
  /// The kernel's in another way.
  case kernel
  /// PG_reserved.
  case reserved
  /// PageOffline.
  case offline
  /// PG_hwpoison.
  case hardwarePoison
  /// Not accepted by a confidential guest.
  case unaccepted

  /// The kind of a class.
  public init(_ pageClass: PageClass) {
    self =
      switch pageClass {
      case .free: .free
      case .cache, .largeCache: .cache
      case .dirtyCache: .dirtyCache
      case .privateCache: .privateCache
      case .anonymous, .largeAnonymous: .anonymous
      case .hugetlb: .hugetlb
      case .slab: .slab
      case .offline: .offline
      case .hardwarePoison: .hardwarePoison
      case .unaccepted: .unaccepted
      case .reserved: .reserved
      case .kernel: .kernel
      }
  }

  /// Its name in legends.
  public var name: String {
    switch self {
    case .free: "free"
    case .cache: "page cache"
    case .dirtyCache: "dirty page cache"
    case .privateCache: "page cache with private data"
    case .anonymous: "anonymous"
    case .hugetlb: "hugetlb"
    case .slab: "slab"
    case .kernel: "kernel"
    case .reserved: "reserved"
    case .offline: "offline"
    case .hardwarePoison: "hwpoison"
    case .unaccepted: "unaccepted"
    }
  }

  /// Its letter in plain maps: as here where frames are kept, and a capital
  /// where they may be lent.
  var letter: Character {
    switch self {
    case .free: "f"
    case .cache: "c"
    case .dirtyCache: "d"
    case .privateCache: "p"
    case .anonymous: "a"
    case .hugetlb: "h"
    case .slab: "s"
    case .kernel: "k"
    case .reserved: "r"
    case .offline: "o"
    case .hardwarePoison: "x"
    case .unaccepted: "u"
    }
  }

  /// Whether any frame of the kind may ever be lent.
  var isLendable: Bool {
    switch self {
    case .free, .cache, .dirtyCache, .privateCache, .anonymous, .hugetlb: true
    default: false
    }
  }
}

/// What one frame looks like: the copy that it would be lent for, or its kind
/// and whether it may be lent.
public struct Paint: Hashable, Sendable {
  /// The most copies that there can be.
  static let shelves = 4
  /// How many different ones there are.
  public static let count = shelves + 2 * PageKind.allCases.count

  /// From 0 to `count` - 1: the copies, then each kind as it may be lent and
  /// as it is kept.
  public let index: Int

  private init(index: Int) { self.index = index }

  /// All of them, in order.
  public static var all: [Paint] { (0..<count).map(Paint.init(index:)) }

  /// Of frames that would be lent for a copy, 1 to 4.
  public init(shelf: Int) {
    index = min(max(shelf, 1), Self.shelves) - 1
  }

  /// Of frames of a kind that would not be lent now.
  public init(_ kind: PageKind, mayBeLent: Bool) {
    index = Self.shelves + 2 * Int(kind.rawValue) + (mayBeLent ? 0 : 1)
  }

  /// The copy; nil for frames that would not be lent.
  public var shelf: Int? { index < Self.shelves ? index + 1 : nil }

  /// The kind; nil for frames that would be lent.
  public var kind: PageKind? {
    index < Self.shelves
      ? nil : PageKind(rawValue: UInt8((index - Self.shelves) / 2))
  }

  /// Whether the frames may be lent, or would be.
  public var mayBeLent: Bool {
    index < Self.shelves || (index - Self.shelves) % 2 == 0
  }

  /// What stands for it in plain text.
  public var letter: Character {
    guard let kind else { return Character("\(index + 1)") }
    return mayBeLent
      ? Character(kind.letter.uppercased()) : kind.letter
  }
}
