// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
public import Memory

/// What a kdump-compressed file says it holds: its two bitmaps.
///
///     block 0   disk_dump_header: "KDUMP   ", block_size at 428,
///               sub_hdr_size at 432, bitmap_blocks at 436
///     block 1   kdump_sub_header: dump_level at 8, max_mapnr_64 at 96
///     then      bitmap of the frames that exist, bitmap of the frames that
///               were dumped, half of bitmap_blocks each
///     then      for each dumped frame 24 bytes: offset at 0, size at 8,
///               flags at 12, which are 0 if the page is not compressed
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
  private let path: String
  let present: [UInt8]
  let dumped: [UInt8]

  /// Reads the headers and both bitmaps of the file at `path`.
  public init(path: String) throws(KdumpError) {
    // SAFETY: the path is copied into a C string for the call.
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { throw .unreadable(path: path, errno: errno) }
    defer { close(file) }
    let header = try Self.read(file, path, at: 0, count: 4096)
    guard header.starts(with: "KDUMP   ".utf8) else {
      throw .notKdump(path: path)
    }
    let block = Int(Self.number(header, at: 428, size: 4))
    let subHeaderBlocks = Int(Self.number(header, at: 432, size: 4))
    let bitmapBlocks = Int(Self.number(header, at: 436, size: 4))
    guard block == 4096, (1...16).contains(subHeaderBlocks),
      (2...1 << 20).contains(bitmapBlocks)
    else { throw .notKdump(path: path) }
    let sub = try Self.read(file, path, at: block, count: block)
    dumpLevel = Int(Self.number(sub, at: 8, size: 4))
    frameCount = Self.number(sub, at: 96, size: 8)
    let half = bitmapBlocks / 2 * block
    let start = (1 + subHeaderBlocks) * block
    present = try Self.read(file, path, at: start, count: half)
    dumped = try Self.read(file, path, at: start + half, count: half)
    descriptions = UInt64(start + 2 * half)
    self.path = path
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
    // SAFETY: the path is copied into a C string for the call.
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { throw .unreadable(path: path, errno: errno) }
    defer { close(file) }
    let place = Int(descriptions) + 24 * rank
    let description = try Self.read(file, path, at: place, count: 24)
    guard Self.number(description, at: 8, size: 4) == 4096,
      Self.number(description, at: 12, size: 4) == 0
    else { return nil }
    let offset = Int(Self.number(description, at: 0, size: 8))
    return try Self.read(file, path, at: offset, count: 4096)
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

  private static func number(
    _ bytes: [UInt8],
    at offset: Int,
    size: Int
  ) -> UInt64 {
    bytes[offset..<(offset + size)].reversed().reduce(0) {
      $0 << 8 | UInt64($1)
    }
  }

  private static func read(
    _ file: Int32,
    _ path: String,
    at offset: Int,
    count: Int
  ) throws(KdumpError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // SAFETY: pread writes at most the count that the array holds.
    let got = unsafe bytes.withUnsafeMutableBytes {
      unsafe pread(file, $0.baseAddress, $0.count, off_t(offset))
    }
    guard got >= 0 else { throw .unreadable(path: path, errno: errno) }
    guard got == count else { throw .notKdump(path: path) }
    return bytes
  }
}

/// Why a file could not be read as a kdump-compressed dump.
public enum KdumpError: Error, Equatable, Sendable {
  /// The file could not be opened or read.
  case unreadable(path: String, errno: Int32)
  /// The file is another format, or cut off.
  case notKdump(path: String)
}
