// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// A crashed machine as the kernel's ELF core shows it: /proc/vmcore, or a
/// copy of it in a file.
///
/// Everything is read through the source, never mapped, so that a file that
/// is cut off gives an error instead of a signal.
public struct CoreFile<Source: ByteSource & ~Copyable>: ~Copyable {
  /// The file's bytes.
  public let source: Source
  /// Its ELF header.
  public let header: ElfHeader
  /// The memory that it has.
  public let loads: LoadTable
  let notes: [ProgramHeader]

  /// Reads and checks the headers of `source`, which the core file then owns.
  ///
  /// All PT_LOADs must lie in the file: one that is cut off is refused here.
  public init(_ source: consuming Source) throws(CoreError) {
    let header = try ElfHeader.read(from: source)
    var found = HeaderScan()
    var index: UInt64 = 0
    while index < header.programHeaderCount {
      index += try found.take(from: index, header, source)
    }
    let loads = try found.loadTable()
    self.header = header
    self.loads = loads
    notes = found.notes
    self.source = source
  }

  /// The program header number `index`, as it stands in the file.
  public func programHeader(
    _ index: UInt64
  ) throws(CoreError) -> ProgramHeader {
    try HeaderScan.read(1, from: index, header, source)[0]
  }
}

extension CoreFile: PhysicalMemory where Source: ~Copyable {
  /// Fills `bytes` from the PT_LOADs that cover them, crossing from one to
  /// the next where they touch.
  public func read(
    _ address: PhysicalAddress,
    into bytes: inout MutableRawSpan
  ) throws(MemoryError) {
    var done = 0
    while done < bytes.byteCount {
      guard
        let here = address.advanced(by: UInt64(done)),
        let place = loads.place(of: here)
      else {
        throw .notCovered(
          PhysicalAddress(address.value &+ UInt64(done))
        )
      }
      let left = bytes.byteCount - done
      let count = Int(min(place.byteCount, UInt64(left)))
      var part = bytes._mutatingExtracting(done..<(done + count))
      do throws(SourceError) {
        try source.read(at: place.fileOffset, into: &part)
      } catch {
        throw .source(here, error)
      }
      done += count
    }
  }
}
