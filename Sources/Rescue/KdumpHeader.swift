// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

// A kdump-compressed file, version 6 (makedumpfile's IMPLEMENTATION and
// diskdump_mod.h), in blocks of 4096 bytes, numbers little-endian:
//
//   block 0   disk_dump_header
//               0  "KDUMP   "          424  status u32
//               8  version s32         428  block size s32
//              12  utsname, 6 x 65     432  blocks of the sub header s32
//             408  tv_sec s64          436  blocks of both bitmaps u32
//             416  tv_usec s64         440  frames u32
//                                      460  processors s32
//   block 1   kdump_sub_header
//               0  phys_base           40  size of VMCOREINFO
//               8  dump level s32      48  offset of the notes
//              12  split s32           56  size of the notes
//              32  offset of           96  frames u64
//                  VMCOREINFO         104  the notes
//   then      bitmap of the frames that exist, bitmap of the dumped ones
//   then      for each dumped frame, in order: offset s64, size u32,
//             flags u32, 0 u64
//   then      pages, compressed one by one; the first is one of zeroes

/// The head of a kdump-compressed file, up to its bitmaps.
public struct KdumpHeader: Sendable {
  /// A page's description in the file, in bytes.
  public static let descriptionSize = 24
  /// What a page is compressed with, in its description and in status.
  public enum Compression: UInt32, Sendable {
    /// Not at all.
    case none = 0
    /// DUMP_DH_COMPRESSED_ZLIB
    case zlib = 0x1
    /// DUMP_DH_COMPRESSED_ZSTD
    case zstd = 0x20
  }

  /// DUMP_DH_COMPRESSED_INCOMPLETE: not all pages are there.
  static let incomplete: UInt32 = 0x8
  static let subHeaderSize = 104

  /// What pages are compressed with.
  public var compression: Compression
  /// makedumpfile's -d.
  public var level: UInt8
  /// The bits of both bitmaps.
  public var frames: UInt64
  /// NUMBER(phys_base).
  public var physicalBase: UInt64
  /// struct new_utsname, 390 bytes.
  public var names: [UInt8]
  /// When the machine crashed, in seconds since 1970.
  public var time: UInt64
  /// How many processors have left a note.
  public var processors: UInt32
  /// The PT_NOTE's bytes.
  public var notes: [UInt8]
  /// Where in them VMCOREINFO is, and how long it is.
  public var info: (offset: Int, count: Int)

  /// Describes a file of that many frames.
  public init(
    _ compression: Compression,
    level: UInt8,
    frames: UInt64,
    _ kernel: borrowing KernelFacts
  ) {
    self.compression = compression
    self.level = level
    self.frames = frames
    physicalBase = kernel.physicalBase
    names = kernel.names
    time = kernel.time
    processors = kernel.notes.processors
    notes = kernel.notes.bytes
    info = kernel.notes.info
  }

  /// The blocks of each bitmap.
  public var bitmapBlocks: UInt64 { (frames + 32767) / 32768 }

  /// Where in the file the first bitmap is.
  public var bitmaps: UInt64 { UInt64(1 + subHeaderBlocks) * 4096 }

  /// Where in the file the pages' descriptions are.
  public var descriptions: UInt64 { bitmaps + 2 * bitmapBlocks * 4096 }

  /// Where in the file the page's description is that has so many before it.
  public func description(ofRank rank: UInt64) -> UInt64 {
    descriptions + rank * UInt64(Self.descriptionSize)
  }

  /// Descriptions of pages that are not in the file.
  ///
  /// Those that are all zero, as of a file that somebody has stopped writing,
  /// are errors for libkdumpfile (a wrong size) and for crash (an incomplete
  /// page). makedumpfile takes them for what it read before. So they are said
  /// to be compressed, at a place that no file has, which is an error for all.
  public static func absent(count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count * descriptionSize)
    var span = bytes.mutableSpan
    for index in 0..<count {
      let place = index * descriptionSize
      span.store((1 << 62) as UInt64, at: place)
      span.store(4095 as UInt32, at: place + 8)
      span.store(Compression.zlib.rawValue, at: place + 12)
    }
    return bytes
  }

  /// Descriptions of pages that are in the file as they are.
  static func uncompressed(at places: [UInt64]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: places.count * descriptionSize)
    var span = bytes.mutableSpan
    for (index, place) in places.enumerated() {
      span.store(place, at: index * descriptionSize)
      span.store(UInt32(Frame.size), at: index * descriptionSize + 8)
    }
    return bytes
  }

  private var subHeaderBlocks: Int {
    (Self.subHeaderSize + notes.count + 4095) / 4096
  }

  /// All blocks before the bitmaps.
  public func bytes(isComplete: Bool) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(bitmaps))
    let status =
      compression.rawValue | (isComplete ? 0 : Self.incomplete)
    bytes.put(Array("KDUMP   ".utf8), at: 0)
    bytes.put(names, at: 12)
    bytes.put(notes, at: 4096 + Self.subHeaderSize)
    var span = bytes.mutableSpan
    span.store(6 as UInt32, at: 8)
    span.store(time, at: 408)
    span.store(status, at: 424)
    span.store(4096 as UInt32, at: 428)
    span.store(UInt32(subHeaderBlocks), at: 432)
    span.store(UInt32(clamping: 2 * bitmapBlocks), at: 436)
    span.store(UInt32(clamping: frames), at: 440)
    span.store(processors, at: 460)
    span.store(physicalBase, at: 4096)
    span.store(UInt32(level), at: 4104)
    let place = UInt64(4096 + Self.subHeaderSize)
    if info.count > 0 {
      span.store(place + UInt64(info.offset), at: 4128)
      span.store(UInt64(info.count), at: 4136)
    }
    if !notes.isEmpty {
      span.store(place, at: 4144)
      span.store(UInt64(notes.count), at: 4152)
    }
    span.store(frames, at: 4192)
    return bytes
  }
}

extension [UInt8] {
  /// Puts `bytes` over what is at `offset`.
  mutating func put(_ bytes: [UInt8], at offset: Int) {
    for index in bytes.indices { self[offset + index] = bytes[index] }
  }
}
