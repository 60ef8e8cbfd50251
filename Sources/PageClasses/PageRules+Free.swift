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
  @inline(__always)
  public func veto(_ page: PageDescriptor, at place: Place) -> Veto? {
    var type = Self.untyped
    if case .head(let order) = place {
      type = buddy
      guard page.privateData == UInt64(order) else {
        return reason(page, buddy) ?? .order
      }
    }
    let isClean =
      page.mapCount == type && page.referenceCount == 0
      && page.flags & flags.ofUse == 0 && page.compoundHead & 1 == 0
      && page.mapping == 0
    return isClean ? nil : reason(page, type)
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
