// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// One type of BTF, without what its kind adds.
struct BTFType {
  /// The kinds that have something to be looked up in them.
  enum Kind: Equatable {
    case structure
    case union
    /// Values of 32 bits.
    case enumeration
    /// Values of 64 bits.
    case wideEnumeration
    case other
  }

  let id: UInt32
  let name: UInt32
  let kind: Kind
  /// How many members or enumerators there are.
  let length: UInt32
  /// The bytes of a struct or union, or the number of another type.
  let size: UInt32
  /// Whether members may be bit fields.
  let hasBitFields: Bool
  /// Where, among the types, the first member is.
  let place: UInt64
}

/// The types of a BTF section, one after another.
struct BTFWalk {
  private var place: UInt64 = 0
  private var id: UInt32 = 0

  /// The next type, or nil after the last one.
  mutating func next<Source: ByteSource & ~Copyable>(
    _ types: inout SourceWindow,
    _ source: borrowing Source
  ) throws(LayoutError) -> BTFType? {
    guard place < types.count else { return nil }
    let start = place
    let name = try types.u32(at: start, source)
    let info = try types.u32(at: start + 4, source)
    let length = info & 0xffff
    let number = info >> 24 & 0x1f
    let kind: BTFType.Kind
    let added: UInt64
    switch number {
    // A pointer, a forward declaration, a typedef, volatile, const,
    // restrict, a function, a float, a type tag.
    case 2, 7, 8, 9, 10, 11, 12, 16, 18: (kind, added) = (.other, 0)
    // An integer, a variable, a declaration tag.
    case 1, 14, 17: (kind, added) = (.other, 4)
    case 3: (kind, added) = (.other, 12)
    case 4: (kind, added) = (.structure, 12 * UInt64(length))
    case 5: (kind, added) = (.union, 12 * UInt64(length))
    case 6: (kind, added) = (.enumeration, 8 * UInt64(length))
    case 13: (kind, added) = (.other, 8 * UInt64(length))
    case 15: (kind, added) = (.other, 12 * UInt64(length))
    case 19: (kind, added) = (.wideEnumeration, 12 * UInt64(length))
    default:
      throw .wrong(.kind, offset: start + 4, value: UInt64(number))
    }
    // A variable has a linkage of 4 bytes, a declaration tag an index.
    place = start + 12 + added
    id &+= 1
    return BTFType(
      id: id,
      name: name,
      kind: kind,
      length: length,
      size: try types.u32(at: start + 8, source),
      hasBitFields: info >> 31 == 1,
      place: start + 12
    )
  }
}

extension BTF {
  /// How deep anonymous structs and unions are followed.
  static let deepest = 8
  /// How many anonymous members are kept in mind at once.
  static let mostPending = 64

  /// The values of `members` in the enum `name`, nil for those that it has
  /// not; nil when there is no such enum.
  mutating func values<Source: ByteSource & ~Copyable>(
    of members: [UInt32?],
    inEnum name: UInt32,
    _ source: borrowing Source
  ) throws(LayoutError) -> [UInt64?]? {
    var walk = BTFWalk()
    while let type = try walk.next(&types, source) {
      let isWide = type.kind == .wideEnumeration
      guard type.name == name, isWide || type.kind == .enumeration,
        type.length > 0
      else { continue }
      var values = [UInt64?](repeating: nil, count: members.count)
      let size: UInt64 = isWide ? 12 : 8
      for index in 0..<UInt64(type.length) {
        let place = type.place + index * size
        let member = try types.u32(at: place, source)
        var value = UInt64(try types.u32(at: place + 4, source))
        if isWide {
          value |= UInt64(try types.u32(at: place + 8, source)) << 32
        }
        for index in members.indices where members[index] == member {
          values[index] = value
        }
      }
      return values
    }
    return nil
  }

  /// The offsets of `members` in the struct `name`, in bytes.
  ///
  /// Those in its anonymous structs and unions are its own; nil stands for
  /// those that it has not, and for bit fields. Also the bytes of the struct,
  /// 0 when there is none.
  mutating func offsets<Source: ByteSource & ~Copyable>(
    of members: [UInt32?],
    inStruct name: UInt32,
    _ source: borrowing Source
  ) throws(LayoutError) -> (offsets: [UInt64?], size: UInt64) {
    var found = [UInt64?](repeating: nil, count: members.count)
    var size: UInt64 = 0
    // Types that lie in the struct, by number, and how many bits into it.
    var pending: [(id: UInt32, bits: UInt64)] = []
    for depth in 0..<Self.deepest {
      if depth > 0, pending.isEmpty { break }
      var deeper: [(id: UInt32, bits: UInt64)] = []
      var walk = BTFWalk()
      var left = depth == 0 ? 1 : pending.count
      while left > 0, let type = try walk.next(&types, source) {
        guard type.kind == .structure || type.kind == .union else {
          continue
        }
        if depth == 0 {
          guard type.kind == .structure, type.name == name, type.length > 0
          else { continue }
          left = 0
          size = UInt64(type.size)
          try look(in: type, 0, members, &found, &deeper, source)
          continue
        }
        for item in pending where item.id == type.id {
          left -= 1
          try look(in: type, item.bits, members, &found, &deeper, source)
        }
      }
      pending = deeper
    }
    return (found, size)
  }

  private mutating func look<Source: ByteSource & ~Copyable>(
    in type: BTFType,
    _ base: UInt64,
    _ members: [UInt32?],
    _ found: inout [UInt64?],
    _ deeper: inout [(id: UInt32, bits: UInt64)],
    _ source: borrowing Source
  ) throws(LayoutError) {
    for index in 0..<UInt64(type.length) {
      let place = type.place + index * 12
      let name = try types.u32(at: place, source)
      let offset = try types.u32(at: place + 8, source)
      let isBitField = type.hasBitFields && offset >> 24 != 0
      let bits =
        base
        + UInt64(type.hasBitFields ? offset & 0xff_ffff : offset)
      guard name != 0 else {
        if deeper.count < Self.mostPending {
          deeper.append((try types.u32(at: place + 4, source), bits))
        }
        continue
      }
      guard !isBitField, bits & 7 == 0 else { continue }
      for index in members.indices
      where members[index] == name && found[index] == nil {
        found[index] = bits >> 3
      }
    }
  }
}
