// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

// The start of a core file. Offsets in bytes, numbers little-endian.
//
//    0  7f 'E' 'L' 'F'  EI_CLASS u8  EI_DATA u8  ...
//   16  e_type u16      e_machine u16      e_version u32
//   24  e_entry u64     e_phoff u64        e_shoff u64
//   48  e_flags u32     e_ehsize u16       e_phentsize u16
//   56  e_phnum u16     e_shentsize u16    e_shnum u16    e_shstrndx u16

/// What the ELF header of a core file says (ELF-64 Object File Format,
/// version 1.5, section 3).
public struct ElfHeader: Equatable, Sendable {
  /// The most program headers that are taken; the kernel writes one for each
  /// range of memory and has room for 8192 (CRASH_MAX_MEMORY_RANGES).
  public static let maximumCount: UInt64 = 131_072

  static let byteCount = 64
  /// PN_XNUM: the number of program headers is in section 0's sh_info.
  static let extendedCount: UInt64 = 0xffff

  /// Where the table of program headers begins.
  public let programHeaderOffset: UInt64
  /// How many program headers there are.
  public internal(set) var programHeaderCount: UInt64

  let magic: UInt64
  let fileClass: UInt64
  let byteOrder: UInt64
  let type: UInt64
  let machine: UInt64
  let programHeaderSize: UInt64
  let sectionHeaderOffset: UInt64

  init(_ bytes: ByteReader) throws(OutOfBounds) {
    magic = UInt64(try bytes.u32(at: 0))
    fileClass = UInt64(try bytes.u8(at: 4))
    byteOrder = UInt64(try bytes.u8(at: 5))
    type = UInt64(try bytes.u16(at: 16))
    machine = UInt64(try bytes.u16(at: 18))
    programHeaderOffset = try bytes.u64(at: 32)
    sectionHeaderOffset = try bytes.u64(at: 40)
    programHeaderSize = UInt64(try bytes.u16(at: 54))
    programHeaderCount = UInt64(try bytes.u16(at: 56))
  }

  /// Refuses whatever is not a 64-bit little-endian x86-64 core.
  func validate() throws(CoreError) {
    func require(
      _ value: UInt64,
      _ wanted: UInt64,
      _ field: HeaderField,
      _ offset: UInt64
    ) throws(CoreError) {
      guard value == wanted else {
        throw .wrong(field, offset: offset, value: value)
      }
    }
    try require(magic, 0x464c_457f, .magic, 0)
    try require(fileClass, 2, .fileClass, 4)
    try require(byteOrder, 1, .byteOrder, 5)
    try require(type, 4, .type, 16)
    try require(machine, 62, .machine, 18)
    try require(
      programHeaderSize,
      UInt64(ProgramHeader.byteCount),
      .programHeaderSize,
      54
    )
  }

  /// Reads and checks the header of `source`.
  static func read<Source: ByteSource & ~Copyable>(
    from source: borrowing Source
  ) throws(CoreError) -> ElfHeader {
    var bytes = ByteBuffer(count: byteCount)
    try source.read(.header, at: 0, into: &bytes)
    var header: ElfHeader
    do throws(OutOfBounds) {
      header = try ElfHeader(ByteReader(bytes.bytes))
    } catch {
      throw CoreError(.header, at: 0, error)
    }
    try header.validate()
    var countOffset: UInt64 = 56
    if header.programHeaderCount == extendedCount {
      // sh_info, 44 bytes into section header 0.
      let (offset, overflow) =
        header.sectionHeaderOffset.addingReportingOverflow(44)
      countOffset = overflow ? UInt64.max : offset
      header.programHeaderCount = try source.u32(.header, at: countOffset)
    }
    guard (1...maximumCount).contains(header.programHeaderCount) else {
      throw .wrong(
        .programHeaderCount,
        offset: countOffset,
        value: header.programHeaderCount
      )
    }
    guard header.programHeaderOffset <= source.byteCount else {
      throw .wrong(
        .programHeaderOffset,
        offset: 32,
        value: header.programHeaderOffset
      )
    }
    return header
  }
}
