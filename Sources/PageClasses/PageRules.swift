// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import MemoryMap
public import VMCore

/// What a struct page must look like to be part of a free block.
///
/// A page that is in doubt has a veto. What the kernel leaves in a free page
/// (mm/page_alloc.c, __free_one_page and free_pages_prepare): the first page
/// of a block has the buddy type in place of _mapcount and the order in
/// private; all others have -1, no type. No page has a reference, a compound
/// mark or one of the flags of use.
public struct PageRules: Equatable, Sendable {
  /// _mapcount of a page that nobody maps and that has no type.
  static let untyped = UInt32.max

  /// Where in a free block a page stands, or that it is in none.
  public enum Place: Equatable, Sendable {
    /// The first page of a block of this order.
    case head(order: UInt8)
    /// Any other page of a block.
    case member
    /// In no block.
    case outside
  }

  let buddy: UInt32
  private let poison: UInt64
  private let head: UInt64
  private let lru: UInt64
  private let hasPrivate: UInt64
  private let swapCache: UInt64
  private let swapBacked: UInt64
  private let slab: UInt64
  /// All of the flags above.
  private let flags: UInt64
  private let types: Types

  private struct Types: Equatable {
    let offline: UInt32?
    let unaccepted: UInt32?
    let hugetlb: UInt32?
    let slab: UInt32?
  }

  /// Takes the flags and types out of `layout`, or names the one missing.
  public init(_ layout: KernelLayout) throws(CoreError) {
    func type(_ key: KernelLayout.Key) -> UInt32? {
      layout[key].map { UInt32(truncatingIfNeeded: $0) }
    }
    func bit(_ key: KernelLayout.Key) throws(CoreError) -> UInt64 {
      1 << UInt64(try layout.require(key, in: 0...63))
    }
    func bitIfAny(_ key: KernelLayout.Key) throws(CoreError) -> UInt64 {
      layout[key] == nil ? 0 : try bit(key)
    }
    buddy = UInt32(truncatingIfNeeded: try layout.require(.buddyType))
    guard buddy != Self.untyped else {
      throw .implausible(.buddyType, UInt64(buddy))
    }
    poison = try bitIfAny(.hardwarePoison)
    head = try layout.require(.headMask)
    lru = try bit(.lru)
    hasPrivate = try bit(.hasPrivate)
    swapCache = try bit(.swapCache)
    swapBacked = try bit(.swapBacked)
    slab = try bitIfAny(.slab)
    flags = poison | head | lru | hasPrivate | swapCache | swapBacked | slab
    types = Types(
      offline: type(.offlineType),
      unaccepted: type(.unacceptedType),
      hugetlb: type(.hugetlbType),
      slab: type(.slabType)
    )
  }

  /// Why the page is not free, or nil where it is a free page in its place.
  ///
  /// This is the whole decision; it looks at nothing but its arguments. A
  /// page outside of any block always has a reason.
  @inline(__always)
  public func veto(_ page: PageDescriptor, at place: Place) -> Veto? {
    let type: UInt32
    switch place {
    case .head(let order):
      guard page.privateData == UInt64(order) else {
        return reason(page, buddy) ?? .order
      }
      type = buddy
    case .member:
      type = Self.untyped
    case .outside:
      return reason(page, Self.untyped) ?? .notListed
    }
    let isClean =
      page.mapCount == type && page.referenceCount == 0
      && page.flags & flags == 0 && page.compoundHead & 1 == 0
      && page.mapping == 0
    return isClean ? nil : reason(page, type)
  }

  /// The first thing about the page that a free page of `type` has not.
  @inline(never)
  private func reason(_ page: PageDescriptor, _ type: UInt32) -> Veto? {
    let flags = page.flags
    if flags & poison != 0 { return .hardwarePoison }
    if page.compoundHead & 1 != 0 { return .compound }
    if flags & slab != 0 { return .slab }
    if page.mapCount != type, page.mapCount != Self.untyped {
      switch page.mapCount {
      case types.offline: return .offline
      case types.unaccepted: return .unaccepted
      case types.hugetlb: return .hugetlb
      case types.slab: return .slab
      default: break
      }
    }
    if flags & swapCache != 0, flags & swapBacked != 0 { return .swapCache }
    if flags & lru != 0 { return .lru }
    if flags & head != 0 { return .compound }
    if flags & hasPrivate != 0 { return .hasPrivate }
    if flags & swapBacked != 0 { return .swapBacked }
    if page.referenceCount != 0 { return .referenced }
    if page.mapCount != type {
      return page.mapCount == Self.untyped ? .notListed : .otherType
    }
    if flags & swapCache != 0 { return .swapCache }
    return page.mapping != 0 ? .mapped : nil
  }
}
