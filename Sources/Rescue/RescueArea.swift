// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Memory

// A disk or a partition that is oldmem's, by `oldmem rescue-format`. It begins
// with a header; behind it there is a place for a log, and, on a disk of 16 MiB
// or more, one for a dump. Numbers are little-endian.
//
//      0  8   magic: OLDMEMR1
//      8  4   version: 2
//     12  4   0
//     16  16  id, which the setting `rescue-id` repeats
//     32  8   bytes of the disk, when it was prepared
//     40  32  the log, from byte 4096 on:
//               0  4  state: 0 nothing saved yet, 1 being written, 2 complete,
//                     3 there was no room for all of it
//               4  4  0
//               8  8  bytes that are saved
//              16  8  XXH64 of them
//              24  8  when they were, in seconds since 1970
//     72  32  the dump, from byte 4 MiB on, likewise; while it is written, the
//             bytes that are for use in it so far, and 0 as XXH64, as long as
//             nobody has read it again
//    104  8   XXH64 of all that stands before
//    112      zeros, up to 4096
//
// The header says "being written" first, and "complete" when everything else has
// arrived: whatever happens in between is told from both. It is in one sector,
// so that a disk that loses power has the old one or the new one.

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
  /// The bytes of it that say something.
  static let usedSize = 112
  static let version: UInt32 = 2
  // The letters OLDMEMR1 as a little-endian number.
  private static let magic: UInt64 = 0x3152_4d45_4d44_4c4f
  private static let dumpStart: UInt64 = 4 << 20
  private static let leastForDump: UInt64 = 16 << 20

  /// How far saving has come.
  public enum State: UInt32, Sendable {
    /// Nothing was saved since the disk was prepared.
    case empty
    /// Something was about to be saved.
    case writing
    /// All of it is there.
    case complete
    /// There was no room for all of it: of a log the beginning is missing, of
    /// a dump what comes last.
    case cut
  }

  /// What is saved in one of the places.
  public struct Saved: Equatable, Sendable {
    /// How far saving has come.
    public var state = State.empty
    /// Bytes that are saved.
    public var count: UInt64 = 0
    /// XXH64 of them.
    public var checksum: UInt64 = 0
    /// When they were, in seconds since 1970.
    public var time: UInt64 = 0

    /// Nothing.
    public init() {}

    /// Something that is about to be saved, at that time.
    public init(writingAt time: UInt64) {
      state = .writing
      self.time = time
    }
  }

  /// What the disk was prepared with.
  public let id: RescueID
  /// Bytes of the disk.
  public let size: UInt64
  /// The log.
  public var log = Saved()
  /// The dump.
  public var dump = Saved()

  /// Where on the disk a log is.
  public var logPlace: Range<UInt64> {
    let end = hasRoomForDump ? Self.dumpStart : size
    return UInt64(Self.headSize)..<end
  }

  /// Where on the disk a dump is; nothing on one that is too small for that.
  public var dumpPlace: Range<UInt64> {
    hasRoomForDump ? Self.dumpStart..<size : size..<size
  }

  private var hasRoomForDump: Bool { size >= Self.leastForDump }

  /// Prepares a disk of so many bytes, at least 8192.
  public init?(id: RescueID, size: UInt64) {
    guard size >= 2 * UInt64(Self.headSize) else { return nil }
    self.id = id
    self.size = size
  }

  /// Reads a header out of the first 112 bytes of a disk, or more of them.
  public init(_ bytes: Span<UInt8>) throws(RescueAreaError) {
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(bytes.bytes)
    let used = Self.usedSize
    guard bytes.count >= used, try Self.number(reader, at: 0) == Self.magic
    else { throw .notPrepared }
    let version = try Self.number(reader, at: 8)
    guard version == UInt64(Self.version) else {
      throw .unknownVersion(UInt32(truncatingIfNeeded: version))
    }
    let sum = Checksum.of(bytes.extracting(0..<used - 8))
    guard try Self.number(reader, at: used - 8) == sum else {
      throw .notPrepared
    }
    id = RescueID(bytes: InlineArray<16, UInt8> { bytes[16 + $0] })
    size = try Self.number(reader, at: 32)
    guard size >= 2 * UInt64(Self.headSize) else { throw .notPrepared }
    log = try Self.saved(reader, at: 40)
    dump = try Self.saved(reader, at: 72)
    guard log.count <= logPlace.byteCount, dump.count <= dumpPlace.byteCount
    else { throw .notPrepared }
    // Who else writes there writes there too.
    for index in used..<bytes.count where index < Self.headSize {
      guard bytes[index] == 0 else { throw .notPrepared }
    }
  }

  /// The header's 4096 bytes.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.headSize)
    var span = bytes.mutableSpan
    span.store(Self.magic, at: 0)
    span.store(Self.version, at: 8)
    for index in 0..<16 { span[16 + index] = id.bytes[index] }
    span.store(size, at: 32)
    for (saved, place) in [(log, 40), (dump, 72)] {
      span.store(saved.state.rawValue, at: place)
      span.store(saved.count, at: place + 8)
      span.store(saved.checksum, at: place + 16)
      span.store(saved.time, at: place + 24)
    }
    let sum = Checksum.of(span.span.extracting(0..<Self.usedSize - 8))
    span.store(sum, at: Self.usedSize - 8)
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

  private static func saved(
    _ reader: borrowing ByteReader,
    at offset: Int
  ) throws(RescueAreaError) -> Saved {
    var saved = Saved()
    let state = try number(reader, at: offset)
    guard let state = State(rawValue: UInt32(clamping: state)) else {
      throw .notPrepared
    }
    saved.state = state
    saved.count = try number(reader, at: offset + 8)
    saved.checksum = try number(reader, at: offset + 16)
    saved.time = try number(reader, at: offset + 24)
    return saved
  }

  private static func number(
    _ reader: borrowing ByteReader,
    at offset: Int
  ) throws(RescueAreaError) -> UInt64 {
    do { return try reader.u64(at: offset) } catch { throw .notPrepared }
  }
}

extension Range<UInt64> {
  /// How many bytes there are in a range of them.
  public var byteCount: UInt64 { upperBound - lowerBound }
}
