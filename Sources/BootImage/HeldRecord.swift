// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// Where the running system holds the parts of stage two, and what they must be.
// Whoever holds them writes this, it lies in stage one when the capture kernel
// is loaded, and it is secret: who knows the key can make pages that look like
// held ones. Numbers are little-endian.
//
//      0  8    magic: OLDMEMH1
//      8  4    version: 1
//     12  4    n, the number of parts
//     16  8    bytes of all parts together
//     24  4    bytes of each part but the last
//     28  4    r, the number of runs
//     32  8    id of the pages (`HeldPage`)
//     40  8    key of their checksums
//     48  32n  SHA-256 of each part
//         16r  runs: first frame (8), frames (8)
//         8    XXH64 of all that stands before
//
// The frames of all runs, one after another, have the pages 0, 1, 2 ... Each
// part begins with a page of its own.

/// Why a record cannot be used.
public enum HeldRecordError: Error, Equatable, Sendable {
  /// The bytes are no record, or not all of it.
  case notRecord
  /// The record was written by another version of oldmem.
  case unknownVersion(UInt32)
  /// The record's own checksum does not match.
  case damaged
  /// Sizes, parts and frames contradict one another.
  case badSizes
}

/// What of stage two is held in the running system's memory, and where.
public struct HeldRecord: Equatable, Sendable {
  static let version: UInt32 = 1
  /// Frames that there can be at most: 256 MiB.
  public static let frameLimit: UInt64 = 1 << 16
  /// The largest record that there can be.
  public static let sizeLimit =
    headSize + 8 + Digest.size * 256 + 16 * Int(frameLimit)
  static let headSize = 48
  // The letters OLDMEMH1 as a little-endian number.
  private static let magic: UInt64 = 0x3148_4d45_4d44_4c4f

  /// How the pages are known.
  public let page: HeldPage
  /// The bytes of each part but the last.
  public let partSize: UInt32
  /// The bytes of all parts together.
  public let byteCount: UInt64
  /// What each part must be.
  public let digests: [Digest]
  /// The frames that had the pages when this was written.
  public let runs: [FrameRange]

  /// How many parts there are.
  public var partCount: UInt32 { UInt32(digests.count) }

  /// How many pages hold a part of so many bytes.
  public static func pages(for bytes: UInt64) -> UInt64 {
    let room = UInt64(HeldPage.room)
    return (bytes + room - 1) / room
  }

  /// How many pages there are.
  public var pageCount: UInt64 {
    var sum: UInt64 = 0
    for part in 0..<partCount { sum += Self.pages(for: size(ofPart: part)) }
    return sum
  }

  /// The first page of a part.
  func firstPage(ofPart part: UInt32) -> UInt64 {
    UInt64(part) * Self.pages(for: UInt64(partSize))
  }

  /// The bytes of one part, 0 for one that there is not.
  public func size(ofPart part: UInt32) -> UInt64 {
    guard part < partCount else { return 0 }
    let start = UInt64(part) * UInt64(partSize)
    return min(UInt64(partSize), byteCount - start)
  }

  /// Describes parts that are held.
  public init(
    page: HeldPage,
    partSize: UInt32,
    byteCount: UInt64,
    digests: [Digest],
    runs: [FrameRange]
  ) throws(HeldRecordError) {
    let (size, count) = (UInt64(partSize), UInt64(digests.count))
    guard (1...256).contains(count),
      (1...UInt64(ImageLayout.partSize)).contains(size),
      byteCount > (count - 1) * size, byteCount <= count * size
    else { throw .badSizes }
    self.page = page
    self.partSize = partSize
    self.byteCount = byteCount
    self.digests = digests
    self.runs = runs
    var frames: UInt64 = 0
    for run in runs {
      guard !run.isEmpty, run.count <= Self.frameLimit else { throw .badSizes }
      frames += run.count
      guard frames <= Self.frameLimit else { throw .badSizes }
    }
    guard frames == pageCount else { throw .badSizes }
  }

  /// Reads the whole of a record.
  public init(_ bytes: Span<UInt8>) throws(HeldRecordError) {
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(bytes.bytes)
    guard bytes.count >= Self.headSize + 8, bytes.count <= Self.sizeLimit,
      try Self.number(reader, at: 0) == Self.magic
    else { throw .notRecord }
    let shape = try Self.number(reader, at: 8)
    guard UInt32(truncatingIfNeeded: shape) == Self.version else {
      throw .unknownVersion(UInt32(truncatingIfNeeded: shape))
    }
    let sizes = try Self.number(reader, at: 24)
    let (parts, runCount) = (shape >> 32, sizes >> 32)
    guard parts <= 256, runCount <= Self.frameLimit else { throw .badSizes }
    let runStart = Self.headSize + Digest.size * Int(parts)
    let end = runStart + 16 * Int(runCount)
    guard bytes.count == end + 8 else { throw .notRecord }
    let sealed = bytes.extracting(0..<end)
    guard try Self.number(reader, at: end) == Checksum.of(sealed) else {
      throw .damaged
    }
    var digests = [Digest]()
    for part in 0..<Int(parts) {
      let start = Self.headSize + Digest.size * part
      digests.append(
        Digest(bytes: InlineArray<32, UInt8> { bytes[start + $0] })
      )
    }
    var runs = [FrameRange]()
    for run in 0..<Int(runCount) {
      let start = try Self.number(reader, at: runStart + 16 * run)
      let count = try Self.number(reader, at: runStart + 16 * run + 8)
      guard start < 1 << 52, count <= Self.frameLimit else { throw .badSizes }
      runs.append(FrameRange(start: FrameNumber(start), count: count))
    }
    try self.init(
      page: HeldPage(
        id: try Self.number(reader, at: 32),
        key: try Self.number(reader, at: 40)
      ),
      partSize: UInt32(truncatingIfNeeded: sizes),
      byteCount: try Self.number(reader, at: 16),
      digests: digests,
      runs: runs
    )
  }

  /// The bytes of the record.
  public var bytes: [UInt8] {
    let end = Self.headSize + Digest.size * digests.count + 16 * runs.count
    var bytes = [UInt8](repeating: 0, count: end + 8)
    var span = bytes.mutableSpan
    span.store(Self.magic, at: 0)
    span.store(Self.version, at: 8)
    span.store(partCount, at: 12)
    span.store(byteCount, at: 16)
    span.store(partSize, at: 24)
    span.store(UInt32(runs.count), at: 28)
    span.store(page.id, at: 32)
    span.store(page.key, at: 40)
    var place = Self.headSize
    for digest in digests {
      for index in 0..<Digest.size { span[place + index] = digest.bytes[index] }
      place += Digest.size
    }
    for run in runs {
      span.store(run.start.value, at: place)
      span.store(run.count, at: place + 8)
      place += 16
    }
    span.store(Checksum.of(span.span.extracting(0..<end)), at: end)
    return bytes
  }

  private static func number(
    _ reader: borrowing ByteReader,
    at offset: Int
  ) throws(HeldRecordError) -> UInt64 {
    do { return try reader.u64(at: offset) } catch { throw .notRecord }
  }
}
