// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

// A note. Offsets in bytes, numbers little-endian; name and description are
// padded to 4 bytes each.
//
//    0  n_namesz u32   n_descsz u32   n_type u32
//   12  name, with its NUL
//    .  description

extension CoreFile where Source: ~Copyable {
  /// The most notes that are looked at; each processor leaves one or two.
  static var maximumNotes: Int { 262_144 }

  /// What the crashed kernel wrote of itself into the VMCOREINFO note.
  public func vmcoreInfo() throws(CoreError) -> VMCoreInfo {
    var info: VMCoreInfo?
    var seen = 0
    for note in notes {
      var walk = NoteWalk(note)
      while let next = try walk.next(in: source) {
        seen += 1
        guard seen <= Self.maximumNotes else {
          throw .damagedNote(offset: next.offset)
        }
        switch next.name {
        case .vmcoreInfo where info == nil:
          info = try VMCoreInfo(next, in: source)
        case .xen:
          throw .xen(offset: next.offset)
        default:
          break
        }
      }
    }
    guard let info else { throw .noVMCoreInfo }
    return info
  }
}

/// Where a note's description lies in the file, and whose note it is.
struct Note {
  enum Name {
    case vmcoreInfo
    case xen
    case other
  }

  let name: Name
  /// The note's first byte in the file.
  let offset: UInt64
  let description: UInt64
  let descriptionSize: UInt64
  /// Whether it has a processor's registers: NT_PRSTATUS (1) of CORE.
  let isRegisters: Bool
}

/// The notes of one PT_NOTE, one after another.
struct NoteWalk {
  /// A note's three numbers, and as much of the name as tells notes apart.
  static let lookAhead = 32

  private var offset: UInt64
  private let end: UInt64

  init(_ header: ProgramHeader) {
    offset = header.fileOffset
    end = header.fileOffset &+ header.byteCount
  }

  mutating func next<Source: ByteSource & ~Copyable>(
    in source: borrowing Source
  ) throws(CoreError) -> Note? {
    guard end - offset >= 12 else { return nil }
    let start = offset
    let count = Int(min(UInt64(Self.lookAhead), end - start))
    var bytes = ByteBuffer(count: count)
    try source.read(.notes, at: start, into: &bytes)
    let name: UInt64
    let description: UInt64
    let type: UInt32
    do throws(OutOfBounds) {
      let reader = ByteReader(bytes.bytes)
      name = UInt64(try reader.u32(at: 0))
      description = UInt64(try reader.u32(at: 4))
      type = try reader.u32(at: 8)
    } catch {
      throw CoreError(.notes, at: start, error)
    }
    // /proc/vmcore ends a processor's notes by an empty one, and what
    // follows is padding.
    guard name | description != 0 else { return nil }
    let place = start + 12 + (name + 3) & ~3
    guard place <= end, description <= end - place else {
      throw .damagedNote(offset: start)
    }
    offset = min(end, place + (description + 3) & ~3)
    let text = bytes.array()
    return Note(
      name: Self.name(text.span, count: name),
      offset: start,
      description: place,
      descriptionSize: description,
      isRegisters: type == 1 && text.count > 16 && name == 5
        && text[12...15] == [0x43, 0x4f, 0x52, 0x45]
    )
  }

  /// Whose note it is that has `count` bytes of name, 12 bytes into `note`.
  static func name(_ note: Span<UInt8>, count: UInt64) -> Note.Name {
    func spells(_ name: StaticString) -> Bool {
      let length = name.utf8CodeUnitCount
      guard
        count == UInt64(length) || count == UInt64(length) + 1,
        12 + length <= note.count
      else { return false }
      return name.matches(note.extracting(12..<(12 + length)))
    }
    if spells("VMCOREINFO") { return .vmcoreInfo }
    if spells("VMCOREINFO_XEN") || spells("Xen") { return .xen }
    return .other
  }
}
