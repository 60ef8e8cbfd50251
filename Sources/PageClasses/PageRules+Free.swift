// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import MemoryMap

/// What a struct page must look like to be part of a free block.
///
/// A page that is in doubt has a veto. What the kernel leaves in a free page
/// (mm/page_alloc.c, __free_one_page and free_pages_prepare): the first page
/// of a block has the buddy type in place of _mapcount and the order in
/// private; all others have -1, no type. No page has a reference, a compound
/// mark or one of the flags of use.
extension PageRules {
  /// Where in a free block a page stands.
  public enum Place: Equatable, Sendable {
    /// The first page of a block of this order.
    case head(order: UInt8)
    /// Any other page of a block.
    case member
  }

  /// Why the page is not free, or nil where it is a free page in its place.
  ///
  /// This is the whole decision; it looks at nothing but its arguments.
  public func veto(_ page: PageDescriptor, at place: Place) -> Veto? {
    switch place {
    case .head(let order):
      guard page.privateData == UInt64(order) else {
        return reason(page, buddy) ?? .order
      }
      return oddity(page, type: buddy) == 0 ? nil : reason(page, buddy)
    case .member:
      let isClean = oddity(page, type: Self.untyped) == 0
      return isClean ? nil : reason(page, Self.untyped)
    }
  }

  /// 0 for a page that looks free and has that type in place of _mapcount.
  ///
  /// A number instead of an answer, so that a loop over many pages can put
  /// all of them together and ask once.
  @inline(__always)
  func oddity(_ page: PageDescriptor, type: UInt32) -> UInt64 {
    UInt64(page.mapCount ^ type) | UInt64(page.referenceCount)
      | page.flags & flags.ofUse | page.compoundHead & 1 | page.mapping
  }

  /// The first thing about the page that a free page of `type` has not.
  @inline(never)
  private func reason(_ page: PageDescriptor, _ type: UInt32) -> Veto? {
    let set = page.flags & flags.ofUse
    if set & flags.poison != 0 { return .hardwarePoison }
    if page.compoundHead & 1 != 0 || set & flags.head != 0 {
      return .compound
    }
    if page.mapCount != type, page.mapCount != Self.untyped {
      switch page.mapCount {
      case types.offline: return .offline
      case types.unaccepted: return .unaccepted
      default: return .pageType
      }
    }
    if set != 0 { return .flagOfUse }
    if page.referenceCount != 0 { return .referenced }
    if page.mapCount != type { return .pageType }
    return page.mapping != 0 ? .mapped : nil
  }
}
