// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// A program header. Offsets in bytes, numbers little-endian.
//
//    0  p_type u32      p_flags u32
//    8  p_offset u64    p_vaddr u64     p_paddr u64
//   32  p_filesz u64    p_memsz u64     p_align u64

/// One entry of a core file's table of program headers.
public struct ProgramHeader: Equatable, Sendable {
  /// What the entry describes.
  public enum Kind: Equatable, Sendable {
    /// PT_LOAD: memory.
    case load
    /// PT_NOTE: notes, VMCOREINFO among them.
    case note
    /// Anything else, which oldmem passes over.
    case other(UInt32)
  }

  static let byteCount = 56

  /// p_type.
  public let kind: Kind
  /// p_offset: where in the file the bytes are.
  public let fileOffset: UInt64
  /// p_vaddr: where the crashed kernel had them.
  public let virtual: VirtualAddress
  /// p_paddr: where in physical memory they are.
  public let physical: PhysicalAddress
  /// p_filesz: how many bytes the file has.
  public let byteCount: UInt64

  init(_ bytes: ByteReader, at base: Int) throws(OutOfBounds) {
    kind =
      switch try bytes.u32(at: base) {
      case 1: .load
      case 4: .note
      case let other: .other(other)
      }
    fileOffset = try bytes.u64(at: base + 8)
    virtual = VirtualAddress(try bytes.u64(at: base + 16))
    physical = PhysicalAddress(try bytes.u64(at: base + 24))
    byteCount = try bytes.u64(at: base + 32)
  }

  /// Whether p_paddr says nothing: -1, as writers put that know none.
  var lacksPhysicalAddress: Bool { physical.value == UInt64.max }

  /// Refuses an entry, found at `offset`, whose bytes are not in the file or
  /// wrap around.
  func validate(offset: UInt64, fileSize: UInt64) throws(CoreError) {
    let (end, overflow) = fileOffset.addingReportingOverflow(byteCount)
    guard !overflow else {
      throw .wrong(.fileSize, offset: offset &+ 32, value: byteCount)
    }
    guard end <= fileSize else {
      throw .truncated(offset: offset, end: end, byteCount: fileSize)
    }
    guard lacksPhysicalAddress || physical.advanced(by: byteCount) != nil
    else {
      throw .wrong(.fileSize, offset: offset &+ 32, value: byteCount)
    }
  }
}
