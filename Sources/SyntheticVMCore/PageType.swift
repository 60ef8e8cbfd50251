// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a page is that is not mapped, told by a negative page._mapcount
/// (page_type in include/linux/page-flags.h).
///
///     until v6.10    bits that are clear   0xffffff7f, 0xfffffeff, ...
///     v6.11          bits that are clear, from the top
///     since v6.12    a number in the top byte   0xf0000000, 0xf1000000, ...
public enum PageType: Sendable, CaseIterable {
  case buddy
  case offline
  case table
  case guardPage
  case hugetlb
  case slab
  case zsmalloc
  case unaccepted
}

/// Values of page._mapcount, as the signed numbers that VMCOREINFO prints.
struct PageTypes: Sendable {
  private let values: [PageType: Int32]

  /// Types that are bits, from 0x80 up; nil for a bit that is something else.
  init(bits: [PageType?]) {
    var values: [PageType: Int32] = [:]
    for (index, type) in bits.enumerated() {
      if let type { values[type] = ~(0x80 << Int32(index)) }
    }
    self.values = values
  }

  /// Types that are numbers, from 0xf0 up.
  init(numbers: [PageType]) {
    var values: [PageType: Int32] = [:]
    for (index, type) in numbers.enumerated() {
      values[type] = Int32(bitPattern: UInt32(0xf0 + index) << 24)
    }
    self.values = values
  }

  /// The type's value, nil where the time has no such type.
  subscript(type: PageType) -> Int32? { values[type] }
}

extension KernelEra {
  /// Whether kernels of this time have pages of that type.
  public func has(_ type: PageType) -> Bool { types[type] != nil }

  /// The page types of this time; each table is made once.
  var types: PageTypes { Self.typeTables[rawValue] }

  private static let typeTables = allCases.map(\.typeTable)

  private var typeTable: PageTypes {
    switch self {
    // The second bit was PG_balloon until commit ca215086b14b ("mm: convert
    // PG_balloon to PG_offline") in v5.1; the third is PG_kmemcg.
    case .v4_18:
      PageTypes(bits: [.buddy, .offline, nil, .table])
    case .v5_10:
      PageTypes(bits: [.buddy, .offline, nil, .table, .guardPage])
    // Without PG_kmemcg since commit 18b2db3b0385 ("mm: Convert page kmemcg
    // type to a page memcg flag") in v5.11.
    case .v5_14, .v6_1, .v6_4, .v6_6:
      PageTypes(bits: [.buddy, .offline, .table, .guardPage])
    // Commit d99e3140a4d3 ("mm: turn folio_test_hugetlb into a PageType").
    case .v6_9:
      PageTypes(bits: [.buddy, .offline, .table, .guardPage, .hugetlb])
    // Commit 4ffca5a96678 ("mm: support only one page_type per page") in
    // v6.12.
    case .v6_12, .v6_18, .v7_1:
      PageTypes(numbers: [
        .buddy, .offline, .table, .guardPage, .hugetlb, .slab, .zsmalloc,
        .unaccepted,
      ])
    }
  }
}
