// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

// What the parts of stage two must be. Numbers are little-endian.
//
//      0  8   magic: OLDMEMS2
//      8  4   version: 1
//     12  4   codec: 1, one .lzma stream with an end marker
//     16  4   n, the number of parts
//     20  4   bytes of each part but the last
//     24  8   bytes of all parts together
//     32  8   bytes that they decode to
//     40  8   XXH64 of what they decode to
//     48  8n  XXH64 of each part
//         8   XXH64 of all that stands before

/// Why a manifest cannot be used.
public enum ManifestError: Error, Equatable, Sendable {
  /// The bytes are no manifest, or not all of it.
  case notManifest
  /// The image was packed by another version of oldmem.
  case unknownVersion(UInt32)
  /// The parts are packed in a way that is not known here.
  case unknownCodec(UInt32)
  /// The manifest's own checksum does not match.
  case damaged
  /// The sizes contradict one another.
  case badSizes
}

/// Sizes and checksums of stage two.
public struct Manifest: Equatable, Sendable {
  /// The version that is written, and the only one that is read.
  public static let version: UInt32 = 1
  /// The largest manifest that there can be.
  public static let sizeLimit = 56 + 8 * Int(ImageLayout.partLimit)
  static let codec: UInt32 = 1
  // The letters OLDMEMS2 as a little-endian number.
  private static let magic: UInt64 = 0x3253_4d45_4d44_4c4f

  /// The bytes of each part but the last.
  public let partSize: UInt32
  /// The bytes of all parts together.
  public let packedSize: UInt64
  /// The bytes that they decode to.
  public let unpackedSize: UInt64
  /// XXH64 of what they decode to.
  public let unpackedChecksum: UInt64
  /// XXH64 of each part.
  public let partChecksums: [UInt64]

  /// How many parts there are.
  public var partCount: UInt32 { UInt32(partChecksums.count) }

  /// The bytes of one part, 0 for one that there is not.
  public func size(ofPart part: UInt32) -> UInt64 {
    guard part < partCount else { return 0 }
    let start = UInt64(part) * UInt64(partSize)
    return min(UInt64(partSize), packedSize - start)
  }

  /// Describes parts that have been packed.
  public init(
    partSize: UInt32,
    packedSize: UInt64,
    unpackedSize: UInt64,
    unpackedChecksum: UInt64,
    partChecksums: [UInt64]
  ) throws(ManifestError) {
    let count = UInt64(partChecksums.count)
    let size = UInt64(partSize)
    guard (1...UInt64(ImageLayout.partLimit)).contains(count),
      (1...UInt64(ImageLayout.partSize)).contains(size),
      packedSize > (count - 1) * size, packedSize <= count * size
    else { throw .badSizes }
    self.partSize = partSize
    self.packedSize = packedSize
    self.unpackedSize = unpackedSize
    self.unpackedChecksum = unpackedChecksum
    self.partChecksums = partChecksums
  }

  /// Reads the whole of a manifest file.
  public init(_ bytes: Span<UInt8>) throws(ManifestError) {
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(bytes.bytes)
    let words = bytes.count / 8
    guard bytes.count % 8 == 0, words >= 7, bytes.count <= Self.sizeLimit,
      try Self.number(reader, at: 0) == Self.magic
    else { throw .notManifest }
    let kind = try Self.number(reader, at: 8)
    guard UInt32(truncatingIfNeeded: kind) == Self.version else {
      throw .unknownVersion(UInt32(truncatingIfNeeded: kind))
    }
    guard UInt32(kind >> 32) == Self.codec else {
      throw .unknownCodec(UInt32(kind >> 32))
    }
    let sealed = bytes.extracting(0..<(bytes.count - 8))
    guard try Self.number(reader, at: sealed.count) == Checksum.of(sealed)
    else { throw .damaged }
    let shape = try Self.number(reader, at: 16)
    guard shape & 0xffff_ffff == UInt64(words - 7) else { throw .badSizes }
    var checksums = [UInt64]()
    checksums.reserveCapacity(words - 7)
    for word in 6..<(words - 1) {
      checksums.append(try Self.number(reader, at: word * 8))
    }
    try self.init(
      partSize: UInt32(shape >> 32),
      packedSize: try Self.number(reader, at: 24),
      unpackedSize: try Self.number(reader, at: 32),
      unpackedChecksum: try Self.number(reader, at: 40),
      partChecksums: checksums
    )
  }

  /// The bytes of the manifest file.
  public var bytes: [UInt8] {
    var bytes = [UInt8]()
    Self.append(Self.magic, 8, to: &bytes)
    Self.append(UInt64(Self.version), 4, to: &bytes)
    Self.append(UInt64(Self.codec), 4, to: &bytes)
    Self.append(UInt64(partCount), 4, to: &bytes)
    Self.append(UInt64(partSize), 4, to: &bytes)
    Self.append(packedSize, 8, to: &bytes)
    Self.append(unpackedSize, 8, to: &bytes)
    Self.append(unpackedChecksum, 8, to: &bytes)
    for checksum in partChecksums { Self.append(checksum, 8, to: &bytes) }
    Self.append(Checksum.of(bytes.span), 8, to: &bytes)
    return bytes
  }

  private static func number(
    _ reader: borrowing ByteReader,
    at offset: Int
  ) throws(ManifestError) -> UInt64 {
    do { return try reader.u64(at: offset) } catch { throw .notManifest }
  }

  private static func append(
    _ number: UInt64,
    _ count: UInt64,
    to bytes: inout [UInt8]
  ) {
    for index in 0..<count {
      bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
    }
  }
}
