// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

// An ELF core file of ours, numbers little-endian:
//
//   0     ELF header; e_flags 1: not all pages are there, as makedumpfile's -E
//   64    a program header for the notes, then one for each run of frames
//   ...   with 65535 program headers and more, a section header of which
//         sh_info has their number (PN_XNUM)
//   ...   the notes
//   ...   the frames that are dumped, in order of address, from a multiple of
//         4096 on

/// The head of an ELF core file, up to its frames.
public struct ElfHead: Sendable {
  private static let headerSize: UInt64 = 64
  private static let programSize: UInt64 = 56
  private static let extendedCount = 0xffff

  /// Frames that follow one another in physical and in virtual memory.
  struct Segment {
    let frames: FrameRange
    let virtual: UInt64
  }

  private let segments: [Segment]
  private let notes: [UInt8]
  /// Where in the file the frames begin.
  public let data: UInt64

  /// Describes a file with the frames of `dumped`, which are all in `core`.
  public init<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ dumped: FrameBitmap,
    _ facts: borrowing KernelFacts
  ) throws(CoreError) {
    let places = try Self.places(core)
    var segments: [Segment] = []
    var place = FrameNumber(0)
    while let run = dumped.run(from: place) {
      let start = run.start.value << Frame.shift
      // Where nothing says how the kernel had it, nobody needs to know.
      let found = places.last { $0.start <= start && start < $0.end }
      let end = found.map { ($0.end + 4095) >> Frame.shift } ?? run.end.value
      let part = run.below(FrameNumber(max(end, run.start.value + 1)))
      segments.append(
        Segment(
          frames: part,
          virtual: found.map { start &+ $0.distance } ?? 0
        )
      )
      place = part.end
    }
    self.segments = segments
    notes = facts.notes.bytes
    let count = UInt64(segments.count + 1)
    let isLong = count >= UInt64(Self.extendedCount)
    let head =
      Self.headerSize + count * Self.programSize + (isLong ? 64 : 0)
    data = (head + UInt64(notes.count) + 4095) & ~4095
  }

  /// The PT_LOADs by their physical range, those of the kernel's text first,
  /// for the direct map says the same in a way that fits its neighbours.
  private static func places<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>
  ) throws(CoreError) -> [(start: UInt64, end: UInt64, distance: UInt64)] {
    var text: [(start: UInt64, end: UInt64, distance: UInt64)] = []
    var direct = text
    for index in 0..<core.header.programHeaderCount {
      let header = try core.programHeader(index)
      guard header.kind == .load, header.byteCount > 0 else { continue }
      let start = header.physical.value
      let place = (
        start: start, end: start &+ header.byteCount,
        distance: header.virtual.value &- start
      )
      if header.virtual.value >= AddressSpace.startKernelMap {
        text.append(place)
      } else {
        direct.append(place)
      }
    }
    return text + direct
  }

  /// All bytes before the frames.
  public func bytes(isComplete: Bool) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(data))
    let count = segments.count + 1
    let isLong = count >= Self.extendedCount
    let table = Int(Self.headerSize)
    var place = table + count * Int(Self.programSize)
    let section = place
    if isLong { place += 64 }
    bytes.put([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], at: 0)
    bytes.put(notes, at: place)
    var span = bytes.mutableSpan
    span.store(4 as UInt16, at: 16)
    span.store(62 as UInt16, at: 18)
    span.store(1 as UInt32, at: 20)
    span.store(Self.headerSize, at: 32)
    span.store(isComplete ? 0 : 1 as UInt32, at: 48)
    span.store(UInt16(Self.headerSize), at: 52)
    span.store(UInt16(Self.programSize), at: 54)
    span.store(UInt16(isLong ? Self.extendedCount : count), at: 56)
    if isLong {
      span.store(UInt64(section), at: 40)
      span.store(64 as UInt16, at: 58)
      span.store(1 as UInt16, at: 60)
      span.store(UInt32(clamping: count), at: section + 44)
    }
    span.store(4 as UInt32, at: table)
    span.store(UInt64(place), at: table + 8)
    span.store(UInt64(notes.count), at: table + 32)
    span.store(UInt64(notes.count), at: table + 40)
    span.store(4 as UInt64, at: table + 48)
    var offset = data
    for (index, segment) in segments.enumerated() {
      let entry = table + (index + 1) * Int(Self.programSize)
      let size = segment.frames.count << Frame.shift
      span.store(1 as UInt32, at: entry)
      span.store(7 as UInt32, at: entry + 4)
      span.store(offset, at: entry + 8)
      span.store(segment.virtual, at: entry + 16)
      span.store(segment.frames.start.value << Frame.shift, at: entry + 24)
      span.store(size, at: entry + 32)
      span.store(size, at: entry + 40)
      offset += size
    }
    return bytes
  }
}
