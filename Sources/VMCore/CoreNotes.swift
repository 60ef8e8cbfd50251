// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

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
}

extension CoreFile where Source: ~Copyable {
  /// Copies the first PT_NOTE with VMCOREINFO in it.
  public func coreNotes() throws(CoreError) -> CoreNotes {
    for header in notes {
      var walk = NoteWalk(header)
      var info: Note?
      var processors: UInt32 = 0
      var seen = 0
      while seen < Self.maximumNotes, let note = try walk.next(in: source) {
        seen += 1
        if case .vmcoreInfo = note.name, info == nil { info = note }
        if note.isRegisters { processors += 1 }
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
        processors: processors
      )
    }
    throw .noVMCoreInfo
  }
}
