// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// What a kdump-compressed file says it holds: its headers and two bitmaps.
///
///     block 0   disk_dump_header: "KDUMP   ", utsname at 12 (six times 65
///               bytes: the host is the second, the release the third), status
///               at 424 (8: incomplete), block_size at 428, sub_hdr_size at
///               432, bitmap_blocks at 436
///     block 1   kdump_sub_header: dump_level at 8, offset_vmcoreinfo at 32,
///               size_vmcoreinfo at 40, max_mapnr_64 at 96
///     then      bitmap of the frames that exist, bitmap of the frames that
///               were dumped, half of bitmap_blocks each
///     then      for each dumped frame 24 bytes: offset at 0, size at 8,
///               flags at 12, which are 0 if the page is not compressed
///
/// It may be flattened, as makedumpfile -F writes it (`DumpBytes`).
///
/// The format is makedumpfile's (IMPLEMENTATION, diskdump_mod.h). This is
/// the other side of the subset rule: what makedumpfile wrote to a dump must
/// never have been lent.
public struct KdumpFile: Sendable {
  /// The -d of the makedumpfile that wrote the file.
  public let dumpLevel: Int
  /// Frames that the bitmaps speak of.
  public let frameCount: UInt64
  /// Where in the file the descriptions of pages begin.
  public let descriptions: UInt64
  /// Bytes of the file.
  public let byteCount: UInt64
  /// Whether makedumpfile -F wrote it, and nobody has put it together since.
  public let isFlattened: Bool
  /// Why not all is here that should be; nil where nothing is missing.
  public let fault: Fault?
  /// Whether all frames that are said to be dumped are said to exist; nothing is
  /// known of frames otherwise.
  public let isConsistent: Bool
  /// The crashed machine's name, and its kernel's release.
  public let host: String, release: String
  /// VMCOREINFO, as the crashed kernel had it; empty where it is not there.
  public let information: String
  let path: String
  let present: [UInt8]
  let dumped: [UInt8]

  /// What may be missing, or wrong.
  public enum Fault: Equatable, Sendable {
    /// The header says that not all pages are here: the disk was full, or the
    /// dump had a budget.
    case incomplete
    /// The file ends before its last page, or before what else its headers speak
    /// of: whoever wrote it was interrupted.
    case cutShort
    /// A page's description is of no page: its place was left for it, and it
    /// never came.
    case lacksPage
    /// Frames are said to be dumped that are said not to exist.
    case contradiction
    /// It is flattened, in more pieces than makedumpfile writes.
    case tooManyPieces
  }

  /// Reads the headers and both bitmaps of the file at `path`, and looks at the
  /// description of each page.
  public init(path: String) throws(KdumpError) {
    let file = try DumpBytes(path)
    let header = try file.read(at: 0, count: 4096)
    guard header.starts(with: "KDUMP   ".utf8) else {
      throw .notKdump(path: path)
    }
    let block = Self.number(header, at: 428, size: 4)
    let subHeaderBlocks = Self.number(header, at: 432, size: 4)
    let bitmapBlocks = Self.number(header, at: 436, size: 4)
    // The notes of all processors are in the sub header: 364 bytes each.
    guard block == 4096, (1...1 << 16).contains(subHeaderBlocks),
      (2...1 << 20).contains(bitmapBlocks)
    else { throw .notKdump(path: path) }
    let sub = try file.read(at: block, count: block)
    dumpLevel = Int(Self.number(sub, at: 8, size: 4))
    frameCount = Self.number(sub, at: 96, size: 8)
    let half = bitmapBlocks / 2 * block
    let start = (1 + subHeaderBlocks) * block
    let present = try file.read(at: start, count: half)
    let dumped = try file.read(at: start + half, count: half)
    self.present = present
    self.dumped = dumped
    descriptions = start + 2 * half
    self.path = path
    byteCount = file.byteCount
    isFlattened = file.isFlattened
    host = Self.text(header[77..<142])
    release = Self.text(header[142..<207])
    let info = Self.number(sub, at: 32, size: 8)
    let infoSize = Self.number(sub, at: 40, size: 8)
    information =
      (1...1 << 20).contains(infoSize)
      ? Self.text(
        (try? file.read(at: info, count: infoSize))?[...] ?? [],
        hasLines: true
      ) : ""
    // makedumpfile copies the first bitmap and takes frames away.
    isConsistent = zip(present, dumped).allSatisfy { $1 & ~$0 == 0 }
    if Self.number(header, at: 424, size: 4) & 8 != 0 {
      fault = .incomplete
    } else if let wrong = file.fault {
      fault = wrong
    } else if !isConsistent {
      fault = .contradiction
    } else if infoSize > 0, !file.has(info, count: infoSize) {
      fault = .cutShort
    } else {
      let pages = dumped.reduce(0) { $0 + $1.nonzeroBitCount }
      fault = Self.fault(ofPages: UInt64(pages), at: start + 2 * half, file)
    }
  }

  /// The text up to a zero byte; what is not printable ASCII becomes `?`.
  private static func text(
    _ bytes: ArraySlice<UInt8>,
    hasLines: Bool = false
  ) -> String {
    let bytes = bytes.prefix { $0 != 0 }.map { byte in
      hasLines && byte == 0x0a || (0x20...0x7e).contains(byte) ? byte : 0x3f
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value of a key of VMCOREINFO, such as CRASHTIME.
  public func information(_ key: String) -> String? {
    information.split(separator: "\n").first { $0.hasPrefix(key + "=") }
      .map { String($0.dropFirst(key.count + 1)) }
  }

  /// Whether the crashed machine had memory at `frame`.
  public func exists(_ frame: FrameNumber) -> Bool {
    Self.bit(frame.value, of: present)
  }

  /// Whether the contents of `frame` are in the file.
  public func dumps(_ frame: FrameNumber) -> Bool {
    Self.bit(frame.value, of: dumped)
  }

  /// Calls `visit` with each stretch of frames that exist, in order, and how
  /// many of `size` are in the file.
  public func forEachCell(
    of size: UInt64,
    _ visit: (_ first: UInt64, _ present: UInt64, _ dumped: UInt64) -> Void
  ) {
    let bytes = max(1, Int(size / 8))
    for start in stride(from: 0, to: present.count, by: bytes) {
      let cell = start..<min(start + bytes, present.count)
      let there = present[cell].reduce(0) { $0 + $1.nonzeroBitCount }
      guard there > 0 else { continue }
      let kept = dumped[cell].reduce(0) { $0 + $1.nonzeroBitCount }
      visit(UInt64(start) * 8, UInt64(there), UInt64(kept))
    }
  }

  /// How many frames the bitmaps have room for.
  public var bitCount: UInt64 { UInt64(present.count) * 8 }

  /// How many frames are in the file.
  public var dumpedCount: Int {
    dumped.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// How many frames exist and are not in the file.
  public var excludedCount: Int {
    zip(present, dumped).reduce(0) { $0 + ($1.0 & ~$1.1).nonzeroBitCount }
  }

  private static func bit(_ number: UInt64, of bitmap: [UInt8]) -> Bool {
    guard number / 8 < UInt64(bitmap.count) else { return false }
    return bitmap[Int(number / 8)] >> (number % 8) & 1 == 1
  }

  static func number(
    _ bytes: [UInt8],
    at offset: Int,
    size: Int
  ) -> UInt64 {
    bytes[offset..<(offset + size)].reversed().reduce(0) {
      $0 << 8 | UInt64($1)
    }
  }
}

/// Why a file could not be read as a kdump-compressed dump.
public enum KdumpError: Error, Equatable, Sendable {
  /// The file could not be opened or read.
  case unreadable(path: String, errno: Int32)
  /// The file is another format, or cut off.
  case notKdump(path: String)
}
