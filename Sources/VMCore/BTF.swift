// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// BTF (include/uapi/linux/btf.h; Documentation/bpf/btf.rst). Offsets in
// bytes, numbers little-endian.
//
//    0  magic u16 0xeb9f  version u8 1  flags u8  hdr_len u32
//    8  type_off u32  type_len u32  str_off u32  str_len u32
//       (both from the end of the header on)
//
// Types follow one another and are numbered from 1; 0 is void:
//
//    0  name_off u32   info u32: vlen in bits 0-15, kind in bits 24-28,
//       kind_flag in bit 31     size or type u32
//   12  what the kind adds, vlen times:
//       member:      name_off u32  type u32  offset u32, in bits; with
//                    kind_flag the bits 24-31 are a bit field's size
//       enumerator:  name_off u32  value u32
//
// Strings end with a NUL; the one at 0 is empty.

/// A kernel's own description of its types: finds the members of a struct
/// and the values of an enum by name, without loading anything whole.
public struct BTF: ~Copyable {
  static let magic: UInt64 = 0xeb9f
  /// The largest section that is taken; Debian's kernels have 5 MiB.
  public static let maximumSize: UInt64 = 1 << 28
  /// Names are compared up to here; longer ones match nothing.
  static let longestName = 64

  var types: SourceWindow
  private var strings: SourceWindow

  /// Reads the header of the `count` bytes of BTF that begin at `base`.
  public init<Source: ByteSource & ~Copyable>(
    at base: UInt64,
    count: UInt64,
    of source: borrowing Source
  ) throws(LayoutError) {
    guard count <= Self.maximumSize else {
      throw .source(.endOfSource(offset: base, count: Int(clamping: count)))
    }
    var all = try SourceWindow(at: base, count: count, of: source)
    let magic = UInt64(try all.u16(at: 0, source))
    guard magic == Self.magic else {
      throw .wrong(.magic, offset: 0, value: magic)
    }
    let version = UInt64(try all.u8(at: 2, source))
    guard version == 1 else {
      throw .wrong(.version, offset: 2, value: version)
    }
    let header = UInt64(try all.u32(at: 4, source))
    guard header >= 24, header <= count else {
      throw .wrong(.headerLength, offset: 4, value: header)
    }
    let room = count - header
    func part(
      _ start: UInt32,
      _ size: UInt32,
      _ field: LayoutField,
      _ offset: UInt64
    ) throws(LayoutError) -> SourceWindow {
      let (start, size) = (UInt64(start), UInt64(size))
      guard start <= room, size <= room - start else {
        throw .wrong(field, offset: offset, value: start)
      }
      return try SourceWindow(
        at: base + header + start,
        count: size,
        of: source
      )
    }
    let types = try part(
      all.u32(at: 8, source),
      all.u32(at: 12, source),
      .types,
      8
    )
    let strings = try part(
      all.u32(at: 16, source),
      all.u32(at: 20, source),
      .strings,
      16
    )
    self.types = types
    self.strings = strings
  }

  /// Where among the strings each of `names` is, nil where it is not.
  ///
  /// Takes one pass over the strings.
  mutating func find<Source: ByteSource & ~Copyable>(
    _ names: [StaticString],
    in source: borrowing Source
  ) throws(LayoutError) -> [UInt32?] {
    var found = [UInt32?](repeating: nil, count: names.count)
    var name = [UInt8](repeating: 0, count: Self.longestName)
    var length = 0
    var offset: UInt64 = 0
    while offset < strings.count {
      let byte = try strings.u8(at: offset, source)
      offset += 1
      guard byte == 0 else {
        if length < Self.longestName { name[length] = byte }
        length += 1
        continue
      }
      if length > 0, length < Self.longestName {
        let text = name.span.extracting(0..<length)
        for index in names.indices where found[index] == nil {
          guard names[index].matches(text) else { continue }
          found[index] =
            UInt32(truncatingIfNeeded: offset) &- 1
            &- UInt32(length)
        }
      }
      length = 0
    }
    return found
  }
}
