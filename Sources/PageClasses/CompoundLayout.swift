// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import MemoryMap
import VMCore

/// Where a compound page says how large it is, whether it is hugetlbfs's, and
/// how often it is mapped and pinned.
///
/// Offsets are in bytes from the head's struct page on. The order has moved:
/// a byte of the second page (compound_order, named by VMCOREINFO up to v6.2;
/// folio._folio_order, v6.3 to v6.5), then the low byte of its flags (since
/// v6.6, commit ebc1baf5c9b4 "mm: free up a word in the first tail page").
struct CompoundLayout {
  /// The largest folio: a hugetlb page of 16 GiB.
  static let maximumOrder: UInt8 = 22

  /// Where the order's byte is.
  let order: Int
  let hugetlb: Hugetlb
  let pins: Pins
  /// 32-bit counters, nil where the kernel has none or nobody knows.
  let entireMaps: Int?
  let allMaps: Int?
  /// Whether a tail may hold, instead of a pointer to the head, the mask that
  /// makes one of its own address (v7.1, commit d6746190bbf3 "mm: rework
  /// compound_head() for power-of-2 sizeof(struct page)").
  let mayHaveMasks: Bool

  /// Where a folio's pins are counted.
  enum Pins {
    /// Among its references.
    case nowhere
    /// In a 32-bit number of their own.
    case at(Int)
    /// Nobody knows: the layout names a place where no counter can be.
    case unknown
  }

  /// How hugetlbfs's pages are told from others.
  enum Hugetlb {
    /// By the head's page type (v6.9, commit d99e3140a4d3).
    case type
    /// By a flag of the second page (v6.6 to v6.8), which others have too.
    case flag(offset: Int, mask: UInt64)
    /// By the destructor's number in a byte of the second page (up to v6.5).
    case destructor(offset: Int, number: UInt8)
    /// Not at all.
    case unknown
  }

  init(
    _ kernel: KernelLayout,
    _ layout: FlagLayout?
  ) throws(CoreError) {
    let size = try kernel.require(.pageSize, in: 32...1024)
    let inPage = 0...UInt64(size - 1)
    let inSecond = UInt64(size)...UInt64(2 * size - 1)
    let flags = try kernel.require(.pageFlags, in: 0...UInt64(size - 8))
    if kernel[.pageCompoundOrder] != nil {
      order = size + (try kernel.require(.pageCompoundOrder, in: inPage))
    } else if kernel[.folioOrder] != nil {
      order = try kernel.require(.folioOrder, in: inSecond)
    } else {
      order = size + flags
    }
    if kernel[.hugetlbType] != nil {
      hugetlb = .type
    } else if kernel[.hugetlbFlag] != nil {
      let bit = try kernel.require(.hugetlbFlag, in: 0...63)
      hugetlb = .flag(offset: size + flags, mask: 1 << UInt64(bit))
    } else if kernel[.hugetlbDestructor] != nil {
      let number = try kernel.require(.hugetlbDestructor, in: 0...255)
      if kernel[.pageCompoundDestructor] != nil {
        let offset = try kernel.require(.pageCompoundDestructor, in: inPage)
        hugetlb = .destructor(offset: size + offset, number: UInt8(number))
      } else if kernel[.folioDestructor] != nil {
        let offset = try kernel.require(.folioDestructor, in: inSecond)
        hugetlb = .destructor(offset: offset, number: UInt8(number))
      } else {
        hugetlb = .unknown
      }
    } else {
      hugetlb = .unknown
    }
    // Behind the head, where only large folios have fields of their own.
    func isSound(_ offset: Int) -> Bool {
      (size...4 * size - 4).contains(offset)
    }
    func counter(_ counter: FlagLayout.Counter) -> Int? {
      layout?[counter].flatMap { isSound($0) ? $0 : nil }
    }
    if let offset = layout?[.pins] {
      pins = isSound(offset) ? .at(offset) : .unknown
    } else {
      pins = .nowhere
    }
    entireMaps = counter(.entireMaps)
    allMaps = counter(.allMaps)
    mayHaveMasks = kernel[.pageCompoundInfo] != nil && size & (size - 1) == 0
  }
}
