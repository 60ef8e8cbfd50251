// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// The notes of a core file, to be copied into another one.
public struct CoreNotes: Sendable {
  /// The most bytes that are copied: a note of 400 bytes for each of 8192
  /// processors, and VMCOREINFO.
  static let maximumSize: UInt64 = 4 << 20

  /// The bytes of the PT_NOTE that has VMCOREINFO.
  public let bytes: [UInt8]
  /// Where in them VMCOREINFO's text is, and how long it is.
  public let info: (offset: Int, count: Int)
  /// How many notes have a processor's registers (NT_PRSTATUS of CORE).
  public let processors: UInt32
  /// Where in the bytes those notes' descriptions are.
  let statuses: [Int]

  /// The registers that the processor number `index` left, in the order of
  /// struct user_regs_struct; none where the note is too short.
  public func registers(ofProcessor index: Int) -> [UInt64] {
    guard statuses.indices.contains(index) else { return [] }
    // SAFETY: bytes have no padding that could leak.
    let span = unsafe bytes.span.bytes
    let reader = ByteReader(span)
    let start = statuses[index] + Self.registersOffset
    var registers: [UInt64] = []
    for number in 0..<Self.registerCount {
      guard let value = try? reader.u64(at: start + number * 8) else {
        return []
      }
      registers.append(value)
    }
    return registers
  }

  /// struct elf_prstatus.pr_reg (include/linux/elfcore.h).
  static let registersOffset = 112
  /// r15 up to rsp and ss, without segments that nothing is found by.
  static let registerCount = 21
  /// Where rsp is among them.
  public static let stackPointer = 19
}

extension CoreFile where Source: ~Copyable {
  /// Copies the first PT_NOTE with VMCOREINFO in it.
  public func coreNotes() throws(CoreError) -> CoreNotes {
    for header in notes {
      var walk = NoteWalk(header)
      var info: Note?
      var processors: UInt32 = 0
      var statuses: [Int] = []
      var seen = 0
      while seen < Self.maximumNotes, let note = try walk.next(in: source) {
        seen += 1
        if case .vmcoreInfo = note.name, info == nil { info = note }
        if note.isRegisters {
          processors += 1
          // Of more than are copied, the place is in none of the bytes.
          statuses.append(Int(note.description - header.fileOffset))
        }
      }
      guard let info else { continue }
      guard header.byteCount <= CoreNotes.maximumSize else {
        throw .damagedNote(offset: header.fileOffset)
      }
      var bytes = ByteBuffer(count: Int(header.byteCount))
      try source.read(.notes, at: header.fileOffset, into: &bytes)
      return CoreNotes(
        bytes: bytes.array(),
        info: (
          Int(info.description - header.fileOffset),
          Int(info.descriptionSize)
        ),
        processors: processors,
        statuses: statuses
      )
    }
    throw .noVMCoreInfo
  }
}
