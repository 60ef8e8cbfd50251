// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Builds BTF by hand: types in the order in which they are added, the first
/// one with number 1 (include/uapi/linux/btf.h).
public struct TypeSection: Sendable {
  private var strings: [UInt8] = [0]
  private var types: [UInt8] = []
  /// Each string is there once, as in what pahole writes.
  private var places: [String: UInt32] = [:]
  /// hdr_len: 24, or more for what a later version may add.
  public var headerLength: UInt32 = 24

  /// No types yet.
  public init() {}

  /// A member of a struct or union.
  public struct Member: Sendable {
    var name: String
    var type: UInt32
    var bits: UInt32
    var bitField: UInt32

    /// A member `bits` bits into its struct, of the type with that number; a
    /// bit field where it has bits of its own.
    public init(
      name: String,
      type: UInt32 = 1,
      bits: UInt32,
      bitField: UInt32 = 0
    ) {
      self.name = name
      self.type = type
      self.bits = bits
      self.bitField = bitField
    }
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
    for word in words { types += littleEndian(word) }
  }

  /// A type of `kind` with `extra` words behind it.
  public mutating func plain(
    _ kind: UInt32,
    _ name: String = "",
    length: UInt32 = 0,
    extra: Int = 0
  ) {
    add(self.name(name), kind << 24 | length, 4)
    for _ in 0..<extra { add(0) }
  }

  /// A struct or union with these members.
  public mutating func composite(
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

  /// An enum with these values, of 32 bits or of 64.
  public mutating func enumeration(
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

  /// The section: header, types, strings.
  public var bytes: [UInt8] {
    var header: [UInt8] = [0x9f, 0xeb, 1, 0]
    for word in [
      headerLength, 0, UInt32(types.count), UInt32(types.count),
      UInt32(strings.count),
    ] { header += littleEndian(word) }
    header += [UInt8](repeating: 0, count: Int(headerLength) - 24)
    return header + types + strings
  }
}

extension KernelEra {
  /// The types of a kernel of this time, as far as page flags and counters of
  /// large folios go.
  ///
  /// Members of struct folio since v6.1, of struct page before that.
  public var typeInformation: TypeSection {
    var section = TypeSection()
    section.plain(1, "int", extra: 1)
    let page = UInt32(layout.page)
    func member(_ name: String, _ place: Int?, _ base: UInt32) -> [Member] {
      place.map { [Member(name: name, bits: UInt32($0) % base * 8)] } ?? []
    }
    typealias Member = TypeSection.Member
    let isOld = self < .v6_1
    var members = [Member(name: "flags", bits: 0)]
    if isOld {
      members += member("compound_mapcount", compound.entireMaps, page)
      members += member("hpage_pinned_refcount", compound.pins, page)
    }
    section.composite("page", size: page, members)
    if !isOld {
      section.composite(
        "folio",
        size: 4 * page,
        [
          Member(name: "page", type: 2, bits: 0),
          Member(
            name: "",
            type: 4,
            bits: page * 8
          ),
        ]
      )
      section.composite(
        "",
        size: page,
        member("_pincount", compound.pins, page)
          + member("_entire_mapcount", compound.entireMaps, page)
          + member("_large_mapcount", compound.allMaps, page)
      )
    }
    var values = PageFlag.allCases.compactMap { flag in
      flags.number(flag).map { (flag.name, $0) }
    }
    values += [("PG_swapcache", flags.number(.swapCache) ?? 0)]
    if let doubleMap { values.append(("PG_double_map", doubleMap)) }
    section.enumeration("pageflags", values)
    return section
  }
}
