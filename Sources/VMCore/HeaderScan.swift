// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// What the table of program headers amounts to, gathered entry by entry.
struct HeaderScan {
  /// How many entries are read at once.
  static let batch: UInt64 = 64
  /// Notes are one PT_NOTE in /proc/vmcore; more are tolerated.
  static let maximumNotes = 64

  var notes: [ProgramHeader] = []
  private var loads: [LoadSegment] = []
  private var loadCount = 0
  private var atZero = 0
  private var withoutAddress = 0

  /// Reads the entries from `index` on, as many as fit into one batch, and
  /// returns how many they were.
  mutating func take<Source: ByteSource & ~Copyable>(
    from index: UInt64,
    _ header: ElfHeader,
    _ source: borrowing Source
  ) throws(CoreError) -> UInt64 {
    let count = min(Self.batch, header.programHeaderCount - index)
    let entries = try Self.read(count, from: index, header, source)
    var offset = header.programHeaderOffset
    offset += index * UInt64(ProgramHeader.byteCount)
    for entry in entries {
      try add(entry, offset: offset, fileSize: source.byteCount)
      offset += UInt64(ProgramHeader.byteCount)
    }
    return count
  }

  mutating func add(
    _ entry: ProgramHeader,
    offset: UInt64,
    fileSize: UInt64
  ) throws(CoreError) {
    switch entry.kind {
    case .other:
      return
    case .note:
      try entry.validate(offset: offset, fileSize: fileSize)
      if notes.count < Self.maximumNotes { notes.append(entry) }
    case .load where entry.byteCount > 0:
      try entry.validate(offset: offset, fileSize: fileSize)
      loadCount += 1
      if entry.lacksPhysicalAddress {
        withoutAddress += 1
        return
      }
      if entry.physical.value == 0 { atZero += 1 }
      loads.append(
        LoadSegment(
          physical: entry.physical,
          byteCount: entry.byteCount,
          fileOffset: entry.fileOffset
        )
      )
    case .load:
      return
    }
  }

  /// The PT_LOADs in order, or why they are of no use.
  func loadTable() throws(CoreError) -> LoadTable {
    guard loadCount > 0 else { throw .noMemory }
    // Old kernels and some hypervisors leave p_paddr 0 everywhere. One
    // PT_LOAD at 0 is the first memory of the machine; two are not.
    let silent = atZero > 1 && atZero == loadCount - withoutAddress
    guard withoutAddress < loadCount, !silent else {
      throw .noPhysicalAddresses
    }
    return LoadTable(loads)
  }

  static func read<Source: ByteSource & ~Copyable>(
    _ count: UInt64,
    from index: UInt64,
    _ header: ElfHeader,
    _ source: borrowing Source
  ) throws(CoreError) -> [ProgramHeader] {
    let size = ProgramHeader.byteCount
    var bytes = ByteBuffer(count: Int(count) * size)
    let (start, overflow) = header.programHeaderOffset
      .addingReportingOverflow(index &* UInt64(size))
    guard !overflow, index < header.programHeaderCount else {
      throw .wrong(.programHeaderOffset, offset: 32, value: index)
    }
    try source.read(.programHeaders, at: start, into: &bytes)
    var entries: [ProgramHeader] = []
    entries.reserveCapacity(Int(count))
    do throws(OutOfBounds) {
      for entry in 0..<Int(count) {
        entries.append(
          try ProgramHeader(ByteReader(bytes.bytes), at: entry * size)
        )
      }
    } catch {
      throw CoreError(.programHeaders, at: start, error)
    }
    return entries
  }
}
