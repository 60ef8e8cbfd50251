// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import SyntheticVMCore

extension TypeSection {
  static func bytes(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  /// The types that a flag layout is made of, as a 6.12 kernel has them,
  /// some of them before those that they are members of and some after.
  static func kernel(shifted: UInt64 = 0) -> TypeSection {
    var section = TypeSection()
    section.plain(1, "int", extra: 1)
    section.composite(
      "",
      size: 64,
      [
        Member(name: "_flags_1", bits: 0),
        Member(name: "_large_mapcount", bits: 128),
        Member(name: "_entire_mapcount", bits: 160),
        Member(name: "_pincount", bits: 224),
      ]
    )
    section.composite(
      "folio",
      size: 256,
      [
        Member(name: "page", type: 5, bits: 0),
        Member(name: "", type: 4, bits: 512),
      ]
    )
    section.composite(
      "",
      size: 64,
      isUnion: true,
      [
        Member(name: "", type: 2, bits: 0),
        Member(name: "__page_1", type: 5, bits: 0),
      ]
    )
    section.composite("page", size: 64, [Member(name: "flags", bits: 0)])
    section.enumeration(
      "pageflags",
      [
        ("PG_locked", 0), ("PG_writeback", 1), ("PG_uptodate", 3),
        ("PG_dirty", 4), ("PG_lru", 5 + shifted), ("PG_head", 6),
        ("PG_waiters", 7), ("PG_swapcache", 10), ("PG_reserved", 13),
        ("PG_private", 14), ("PG_swapbacked", 17), ("PG_unevictable", 18),
        ("PG_mlocked", 19), ("PG_hwpoison", 20),
      ]
    )
    return section
  }
}
