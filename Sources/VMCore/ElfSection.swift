// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// The section table of an ELF64 file. Offsets in bytes.
//
//   header:   40 e_shoff u64   58 e_shentsize u16   60 e_shnum u16
//             62 e_shstrndx u16
//   section:   0 sh_name u32   24 sh_offset u64     32 sh_size u64

/// Where a section's bytes are in its file.
public struct ElfSection: Equatable, Sendable {
  /// The section's first byte.
  public let offset: UInt64
  /// How many bytes it has.
  public let byteCount: UInt64

  /// The sections of the ELF64 file `source` that have these names, nil for
  /// each that there is not; throws `notBTF` when it is no ELF64 file.
  public static func find<Source: ByteSource & ~Copyable>(
    _ names: [StaticString],
    in source: borrowing Source
  ) throws(LayoutError) -> [ElfSection?] {
    var file = try SourceWindow(at: 0, count: source.byteCount, of: source)
    guard file.count >= 64, try file.u32(at: 0, source) == 0x464c_457f,
      try file.u16(at: 4, source) == 0x0102
    else { throw .notBTF }
    let table = try file.u64(at: 40, source)
    let size = UInt64(try file.u16(at: 58, source))
    let count = UInt64(try file.u16(at: 60, source))
    let index = UInt64(try file.u16(at: 62, source))
    guard size >= 64, index < count, table < file.count else {
      throw .wrong(.sections, offset: 40, value: table)
    }
    let text = try file.u64(at: table + index * size + 24, source)
    var found = [ElfSection?](repeating: nil, count: names.count)
    var name = [UInt8](repeating: 0, count: 16)
    for section in 0..<count {
      let place = table + section * size
      let start = text &+ UInt64(try file.u32(at: place, source))
      let offset = try file.u64(at: place + 24, source)
      let byteCount = try file.u64(at: place + 32, source)
      var length = 0
      while length < name.count {
        let byte = try file.u8(at: start &+ UInt64(length), source)
        guard byte != 0 else { break }
        name[length] = byte
        length += 1
      }
      let text = name.span.extracting(0..<length)
      for index in names.indices
      where found[index] == nil && names[index].matches(text) {
        found[index] = ElfSection(offset: offset, byteCount: byteCount)
      }
    }
    return found
  }
}

extension BTF {
  /// Opens the BTF of a file: bare, as in /sys/kernel/btf, or the section
  /// .BTF of an ELF file.
  public init<Source: ByteSource & ~Copyable>(
    file source: borrowing Source
  ) throws(LayoutError) {
    var start = try SourceWindow(at: 0, count: source.byteCount, of: source)
    guard start.count >= 4 else { throw .notBTF }
    var section = ElfSection(offset: 0, byteCount: source.byteCount)
    if UInt64(try start.u16(at: 0, source)) != Self.magic {
      guard let found = try ElfSection.find([".BTF"], in: source)[0] else {
        throw .notBTF
      }
      section = found
    }
    try self.init(at: section.offset, count: section.byteCount, of: source)
  }
}
