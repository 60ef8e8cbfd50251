// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Builds BTF by hand: types in the order in which they are added, the first
/// one with number 1.
struct TypeSection {
  private var strings: [UInt8] = [0]
  private var types: [UInt8] = []
  /// Each string is there once, as in what pahole writes.
  private var places: [String: UInt32] = [:]
  var headerLength: UInt32 = 24

  struct Member {
    var name: String
    var type: UInt32 = 1
    var bits: UInt32
    var bitField: UInt32 = 0
  }

  private mutating func name(_ text: String) -> UInt32 {
    guard !text.isEmpty else { return 0 }
    if let place = places[text] { return place }
    let place = UInt32(strings.count)
    strings += Array(text.utf8) + [0]
    places[text] = place
    return place
  }

  private mutating func add(_ words: UInt32...) {
    for word in words { types += Self.bytes(word) }
  }

  static func bytes(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  /// A type of `kind` with `extra` words behind it.
  mutating func plain(
    _ kind: UInt32,
    _ name: String = "",
    length: UInt32 = 0,
    extra: Int = 0
  ) {
    add(self.name(name), kind << 24 | length, 4)
    for _ in 0..<extra { add(0) }
  }

  mutating func composite(
    _ name: String,
    size: UInt32,
    isUnion: Bool = false,
    _ members: [Member]
  ) {
    let hasBitFields = members.contains { $0.bitField > 0 }
    let kind: UInt32 = (isUnion ? 5 : 4) << 24
    let flag: UInt32 = hasBitFields ? 1 << 31 : 0
    add(self.name(name), kind | flag | UInt32(members.count), size)
    for member in members {
      let offset = member.bitField << 24 | member.bits
      add(self.name(member.name), member.type, offset)
    }
  }

  mutating func enumeration(
    _ name: String,
    isWide: Bool = false,
    _ values: [(String, UInt64)]
  ) {
    let kind: UInt32 = isWide ? 19 : 6
    add(self.name(name), kind << 24 | UInt32(values.count), isWide ? 8 : 4)
    for (name, value) in values {
      add(self.name(name), UInt32(truncatingIfNeeded: value))
      if isWide { add(UInt32(value >> 32)) }
    }
  }

  var bytes: [UInt8] {
    var header: [UInt8] = [0x9f, 0xeb, 1, 0]
    for word in [
      headerLength, 0, UInt32(types.count), UInt32(types.count),
      UInt32(strings.count),
    ] { header += Self.bytes(word) }
    header += [UInt8](repeating: 0, count: Int(headerLength) - 24)
    return header + types + strings
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
