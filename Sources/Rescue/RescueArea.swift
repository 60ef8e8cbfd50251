// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Memory

// A disk or a partition that is oldmem's, by `oldmem rescue-format`. It begins
// with a header; what is saved follows at byte 4096. Numbers are little-endian.
//
//      0  8   magic: OLDMEMR1
//      8  4   version: 1
//     12  4   state: 0 nothing saved yet, 1 being written, 2 complete, 3 the end
//             of it: there was no room for the beginning
//     16  16  id, which the setting `rescue-id` repeats
//     32  8   bytes of the disk, when it was prepared
//     40  8   bytes that are saved
//     48  8   XXH64 of what is saved
//     56  8   XXH64 of all that stands before
//     64      zeros, up to 4096
//
// The header says "being written" first, and "complete" when everything else has
// arrived: whatever happens in between is told from both.

/// Why a disk is not one of ours.
public enum RescueAreaError: Error, Equatable, Sendable {
  /// There is no header, or a damaged one.
  case notPrepared
  /// Another version of oldmem has prepared it.
  case unknownVersion(UInt32)
  /// It is prepared with another id.
  case otherID
  /// It has another size than when it was prepared.
  case otherSize
}

/// The header of a disk that things are saved on.
public struct RescueArea: Equatable, Sendable {
  /// The bytes before what is saved.
  public static let headSize = 4096
  static let version: UInt32 = 1
  // The letters OLDMEMR1 as a little-endian number.
  private static let magic: UInt64 = 0x3152_4d45_4d44_4c4f

  /// How far saving has come.
  public enum State: UInt32, Sendable {
    /// Nothing was saved since it was prepared.
    case empty
    /// Something was about to be saved.
    case writing
    /// All of it is there.
    case complete
    /// There was no room for the beginning.
    case cut
  }

  /// What the disk was prepared with.
  public let id: RescueID
  /// Bytes of the disk.
  public let size: UInt64
  /// How far saving has come.
  public var state = State.empty
  /// Bytes that are saved.
  public var count: UInt64 = 0
  /// XXH64 of them.
  public var checksum: UInt64 = 0

  /// How many bytes can be saved.
  public var room: UInt64 { size - UInt64(Self.headSize) }

  /// Prepares a disk of so many bytes, at least 8192.
  public init?(id: RescueID, size: UInt64) {
    guard size >= 2 * UInt64(Self.headSize) else { return nil }
    self.id = id
    self.size = size
  }

  /// Reads a header out of the first 64 bytes of a disk, or more of them.
  public init(_ bytes: Span<UInt8>) throws(RescueAreaError) {
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(bytes.bytes)
    guard bytes.count >= 64, try Self.number(reader, at: 0) == Self.magic,
      try Self.number(reader, at: 56) == Checksum.of(bytes.extracting(0..<56))
    else { throw .notPrepared }
    let kind = try Self.number(reader, at: 8)
    guard UInt32(truncatingIfNeeded: kind) == Self.version else {
      throw .unknownVersion(UInt32(truncatingIfNeeded: kind))
    }
    id = RescueID(bytes: InlineArray<16, UInt8> { bytes[16 + $0] })
    size = try Self.number(reader, at: 32)
    count = try Self.number(reader, at: 40)
    checksum = try Self.number(reader, at: 48)
    guard let state = State(rawValue: UInt32(kind >> 32)),
      size >= 2 * UInt64(Self.headSize)
    else { throw .notPrepared }
    self.state = state
    guard count <= room else { throw .notPrepared }
    // Who else writes there writes there too.
    for index in 64..<bytes.count where index < Self.headSize {
      guard bytes[index] == 0 else { throw .notPrepared }
    }
  }

  /// The header's 4096 bytes.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.headSize)
    var span = bytes.mutableSpan
    span.store(Self.magic, at: 0)
    span.store(Self.version, at: 8)
    span.store(state.rawValue, at: 12)
    for index in 0..<16 { span[16 + index] = id.bytes[index] }
    span.store(size, at: 32)
    span.store(count, at: 40)
    span.store(checksum, at: 48)
    span.store(Checksum.of(span.span.extracting(0..<56)), at: 56)
    return bytes
  }

  /// XXH64, as the header has it, of bytes that come in pieces.
  public struct Sum {
    private var checksum = Checksum()

    /// Starts with no bytes.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
      checksum.update(bytes)
    }

    /// The sum of all bytes so far.
    public var value: UInt64 { checksum.value }
  }

  private static func number(
    _ reader: borrowing ByteReader,
    at offset: Int
  ) throws(RescueAreaError) -> UInt64 {
    do { return try reader.u64(at: offset) } catch { throw .notPrepared }
  }
}
