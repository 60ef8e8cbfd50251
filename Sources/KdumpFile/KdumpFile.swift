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
  /// The crashed machine's name, and its kernel's release.
  public let host: String, release: String
  /// VMCOREINFO, as the crashed kernel had it; empty where it is not there.
  public let information: String
  private let path: String
  let present: [UInt8]
  let dumped: [UInt8]

  /// What may be missing.
  public enum Fault: Equatable, Sendable {
    /// The header says that not all pages are here: the disk was full, or the
    /// dump had a budget.
    case incomplete
    /// The file ends before its last page: whoever wrote it was interrupted.
    case cutShort
  }

  /// Reads the headers and both bitmaps of the file at `path`.
  public init(path: String) throws(KdumpError) {
    let file = try DumpBytes(path)
    let header = try file.read(at: 0, count: 4096)
    guard header.starts(with: "KDUMP   ".utf8) else {
      throw .notKdump(path: path)
    }
    let block = Int(Self.number(header, at: 428, size: 4))
    let subHeaderBlocks = Int(Self.number(header, at: 432, size: 4))
    let bitmapBlocks = Int(Self.number(header, at: 436, size: 4))
    guard block == 4096, (1...16).contains(subHeaderBlocks),
      (2...1 << 20).contains(bitmapBlocks)
    else { throw .notKdump(path: path) }
    let sub = try file.read(at: block, count: block)
    dumpLevel = Int(Self.number(sub, at: 8, size: 4))
    frameCount = Self.number(sub, at: 96, size: 8)
    let half = bitmapBlocks / 2 * block
    let start = (1 + subHeaderBlocks) * block
    present = try file.read(at: start, count: half)
    let dumped = try file.read(at: start + half, count: half)
    self.dumped = dumped
    descriptions = UInt64(start + 2 * half)
    self.path = path
    byteCount = file.byteCount
    isFlattened = file.isFlattened
    host = Self.text(header[77..<142])
    release = Self.text(header[142..<207])
    let info = Self.number(sub, at: 32, size: 8)
    let infoSize = Self.number(sub, at: 40, size: 8)
    information =
      info < 1 << 40 && (1...1 << 20).contains(infoSize)
      ? Self.text(
        (try? file.read(at: Int(info), count: Int(infoSize)))?[...] ?? []
      ) : ""
    let pages = dumped.reduce(0) { $0 + $1.nonzeroBitCount }
    fault =
      Self.number(header, at: 424, size: 4) & 8 != 0
      ? .incomplete
      : file.isCutShort || !Self.hasPage(pages - 1, at: start + 2 * half, file)
        ? .cutShort : nil
  }

  /// Whether the page that is described as number `rank` is in the file.
  private static func hasPage(
    _ rank: Int,
    at descriptions: Int,
    _ file: borrowing DumpBytes
  ) -> Bool {
    guard rank >= 0 else { return true }
    guard
      let page = try? file.read(at: descriptions + 24 * rank, count: 24),
      (1...4096).contains(number(page, at: 8, size: 4)),
      number(page, at: 0, size: 8) < 1 << 60
    else { return false }
    let place = Int(number(page, at: 0, size: 8))
    return (try? file.read(at: place, count: 1)) != nil
  }

  /// The text up to a zero byte; what is not ASCII becomes `?`.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let bytes = bytes.prefix { $0 != 0 }.map { byte in
      byte == 0x0a || (0x20...0x7e).contains(byte) ? byte : 0x3f
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

  /// The contents of `frame`; nil where they are not in the file, or are
  /// compressed.
  public func page(_ frame: FrameNumber) throws(KdumpError) -> [UInt8]? {
    guard dumps(frame) else { return nil }
    var rank = 0
    for byte in dumped[..<Int(frame.value / 8)] {
      rank += byte.nonzeroBitCount
    }
    let below = UInt8(truncatingIfNeeded: (1 << (frame.value % 8)) - 1)
    rank += (dumped[Int(frame.value / 8)] & below).nonzeroBitCount
    let file = try DumpBytes(path)
    let place = Int(descriptions) + 24 * rank
    let description = try file.read(at: place, count: 24)
    guard Self.number(description, at: 8, size: 4) == 4096,
      Self.number(description, at: 12, size: 4) == 0
    else { return nil }
    let offset = Int(Self.number(description, at: 0, size: 8))
    return try file.read(at: offset, count: 4096)
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
