// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// The head of the file, as the kernel writes it (fs/proc/vmcore.c).
///
///        0  Elf64_Ehdr                      64 bytes
///       64  Elf64_Phdr: PT_NOTE, PT_LOADs   56 bytes each
///     page  notes: CORE (NT_PRSTATUS), VMCOREINFO
///     page  the memory of the first PT_LOAD, and so on
struct CoreHeader: Sendable {
  struct Load: Sendable {
    let offset: UInt64
    let physical: UInt64
    let count: UInt64
  }

  private(set) var bytes: [UInt8] = []
  private(set) var loads: [Load] = []

  init(
    loads wanted: [(range: Range<UInt64>, virtual: UInt64)],
    vmcoreinfo: [UInt8]
  ) {
    let notes =
      Self.note("CORE", 1, [UInt8](repeating: 0, count: 336))
      + Self.note("VMCOREINFO", 0, vmcoreinfo)
    let notesAt = Self.wholeFrames(64 + 56 * (wanted.count + 1))
    var offset = UInt64(Self.wholeFrames(notesAt + notes.count))
    var segments = Self.segment(
      type: 4,
      flags: 0,
      offset: UInt64(notesAt),
      virtual: 0,
      physical: 0,
      count: UInt64(notes.count)
    )
    for load in wanted {
      let count = UInt64(load.range.count)
      loads.append(
        Load(offset: offset, physical: load.range.lowerBound, count: count)
      )
      segments += Self.segment(
        type: 1,
        flags: 7,
        offset: offset,
        virtual: load.virtual,
        physical: load.range.lowerBound,
        count: count
      )
      offset += count
    }
    bytes = Self.elfHeader(segments: wanted.count + 1) + segments
    pad(to: notesAt)
    bytes += notes
    pad(to: Self.wholeFrames(bytes.count))
  }

  private mutating func pad(to count: Int) {
    bytes += [UInt8](repeating: 0, count: count - bytes.count)
  }

  private static func wholeFrames(_ count: Int) -> Int {
    (count + Frame.size - 1) / Frame.size * Frame.size
  }

  private static func elfHeader(segments: Int) -> [UInt8] {
    // ELF64, little endian, version 1; ET_CORE, EM_X86_64.
    [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      + littleEndian(UInt16(4)) + littleEndian(UInt16(62))
      + littleEndian(UInt32(1)) + littleEndian(UInt64(0))
      + littleEndian(UInt64(64)) + littleEndian(UInt64(0))
      + littleEndian(UInt32(0)) + littleEndian(UInt16(64))
      + littleEndian(UInt16(56)) + littleEndian(UInt16(segments))
      + [0, 0, 0, 0, 0, 0]
  }

  private static func segment(
    type: UInt32,
    flags: UInt32,
    offset: UInt64,
    virtual: UInt64,
    physical: UInt64,
    count: UInt64
  ) -> [UInt8] {
    littleEndian(type) + littleEndian(flags)
      + [offset, virtual, physical, count, count, 0].flatMap(littleEndian)
  }

  private static func note(
    _ name: String,
    _ type: UInt32,
    _ description: [UInt8]
  ) -> [UInt8] {
    let name = [UInt8](name.utf8) + [0]
    var bytes = littleEndian(UInt32(name.count))
    bytes += littleEndian(UInt32(description.count)) + littleEndian(type)
    for field in [name, description] {
      bytes += field + [UInt8](repeating: 0, count: -field.count & 3)
    }
    return bytes
  }
}
