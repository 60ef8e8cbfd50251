// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import MemoryMap

/// What the struct pages of one folio say together: a single page, or a
/// compound page of 2^order of them (include/linux/mm_types.h).
public struct Folio: Equatable, Sendable {
  /// The first page.
  public var head: PageDescriptor
  /// log2 of the number of pages.
  public var order: UInt8
  /// Whether a compound page is one of hugetlbfs by other means than its
  /// type.
  public var isHugetlb: Bool
  /// How often the folio or one of its pages is mapped; nil where that is not
  /// known.
  public var maps: UInt64?
  /// How often it is pinned, where the kernel counts that by itself.
  public var pins: UInt32

  /// A folio of one page.
  @inline(__always)
  public init(_ page: PageDescriptor) {
    head = page
    order = 0
    isHugetlb = false
    maps = UInt64(page.mapCount &+ 1)
    pins = 0
  }

  /// A compound page.
  public init(
    _ head: PageDescriptor,
    order: UInt8,
    isHugetlb: Bool,
    maps: UInt64?,
    pins: UInt32
  ) {
    self.head = head
    self.order = order
    self.isHugetlb = isHugetlb
    self.maps = maps
    self.pins = pins
  }

  /// How many pages it has.
  @inline(__always)
  public var pageCount: UInt64 { 1 << UInt64(order) }
}
