// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What is exchanged with a client, big-endian, as in doc/proto.md of the NBD
// project; docs/nbd-protocol.md says which of it is spoken here.
//
//   greeting, 18 bytes                  client flags, 4 bytes
//    0  8  "NBDMAGIC"                    0  4  flags
//    8  8  "IHAVEOPT"
//   16  2  handshake flags              option reply, 20 bytes and data
//                                        0  8  0x3e889045565a9
//   option, 16 bytes and data            8  4  option
//    0  8  "IHAVEOPT"                   12  4  type
//    8  4  option                       16  4  bytes of data L
//   12  4  bytes of data L              20  L  data
//   16  L  data
//                                       EXPORT_NAME's reply, 10 bytes
//   request, 28 bytes and data           0  8  bytes of the export
//    0  4  0x25609513                    8  2  transmission flags
//    4  2  flags                        10 124 zero, unless NO_ZEROES
//    6  2  command
//    8  8  cookie                       simple reply, 16 bytes and data
//   16  8  offset                        0  4  0x67446698
//   24  4  length L                      4  4  error
//   28  L  a WRITE's data                8  8  cookie
//
//   chunk of a structured reply, 20 bytes and data
//    0  4  0x668e33ef                    8  8  cookie
//    4  2  flags                        16  4  bytes of data
//    6  2  type

enum Magic {
  /// NBDMAGIC.
  static let greeting: UInt64 = 0x4e42_444d_4147_4943
  /// IHAVEOPT, before the handshake flags and before every option.
  static let option: UInt64 = 0x4948_4156_454f_5054
  static let optionReply: UInt64 = 0x0003_e889_0455_65a9
  static let request: UInt32 = 0x2560_9513
  static let simpleReply: UInt32 = 0x6744_6698
  static let chunk: UInt32 = 0x668e_33ef
}

/// NBD_FLAG_FIXED_NEWSTYLE and NBD_FLAG_NO_ZEROES; a client's flags are the
/// same two.
enum HandshakeFlags {
  static let fixedNewstyle: UInt32 = 1 << 0
  static let noZeroes: UInt32 = 1 << 1
  static let all = fixedNewstyle | noZeroes
}

/// What an export can do.
enum TransmissionFlags {
  /// HAS_FLAGS, SEND_FLUSH, SEND_FUA, SEND_TRIM, SEND_WRITE_ZEROES,
  /// CAN_MULTI_CONN, SEND_CACHE, SEND_FAST_ZERO.
  static let always: UInt16 =
    1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11
  /// SEND_DF: only to whom structured replies are sent.
  static let unfragmented: UInt16 = 1 << 7
}

/// NBD_OPT_*.
enum Option: UInt32 {
  case exportName = 1
  case abort = 2
  case list = 3
  case startTLS = 5
  case info = 6
  case go = 7
  case structuredReply = 8
  case listMetaContext = 9
  case setMetaContext = 10
}

/// NBD_REP_*.
enum OptionReply: UInt32 {
  case acknowledged = 1
  case server = 2
  case info = 3
  case metaContext = 4
  case unsupported = 0x8000_0001
  case policy = 0x8000_0002
  case invalid = 0x8000_0003
  case unknown = 0x8000_0006
  case shutdown = 0x8000_0007
  case tooBig = 0x8000_0009
}

/// NBD_INFO_*.
enum Information: UInt16 {
  case export = 0
  case name = 1
  case description = 2
  case blockSize = 3
}

/// NBD_REPLY_TYPE_*.
enum Chunk: UInt16 {
  case none = 0
  case offsetData = 1
  case blockStatus = 5
  case error = 0x8001
  case errorOffset = 0x8002
}

/// NBD_REPLY_FLAG_DONE.
let lastChunk: UInt16 = 1 << 0

/// NBD_STATE_HOLE and NBD_STATE_ZERO of base:allocation.
let holeOfZeroes: UInt32 = 1 << 0 | 1 << 1

/// Bytes before what varies.
enum HeaderSize {
  static let clientFlags = 4
  static let option = 16
  static let optionReply = 20
  static let request = 28
  static let simpleReply = 16
  static let chunk = 20
  /// A chunk's, and the offset before its data.
  static let dataChunk = 28
}

/// Lengths beyond which nobody is listened to.
enum Limit {
  /// Bytes of a name or a query, as the protocol has it.
  static let string = 4096
  /// Bytes of an option's data: a name, and some queries.
  static let option = 8192
  /// Bytes of an option's data that are skipped, and answered TOO_BIG; more
  /// than that is no option.
  static let skippedOption: UInt32 = 1 << 20
  /// Options of one client.
  static let options = 256
  /// Bytes of a READ or a WRITE.
  static let payload: UInt32 = 32 << 20
  /// Bytes of any reply but a READ's data.
  static let reply = 256
  /// Extents of one BLOCK_STATUS.
  static let extents = 512
  /// Blocks that one BLOCK_STATUS looks at.
  static let statusBlocks: UInt32 = 16384
}

// What a client sent is handed on as the whole buffer and a place in it: a span
// of a part of it ends somewhere, and the proof that nothing is freed while
// serving does not see that there is nothing to free.
extension MutableRawSpan {
  /// The big-endian number at `offset`; the caller has seen that it is there.
  func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int,
    as type: T.Type
  ) -> T {
    let last = byteCount &- MemoryLayout<T>.size
    precondition(offset >= 0 && offset <= last)
    // SAFETY: checked; any bits are a number.
    return T(
      bigEndian: unsafe unsafeLoadUnaligned(
        fromUncheckedByteOffset: offset,
        as: type
      )
    )
  }

  /// Whether the bytes in `range` are those of `text`.
  func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
    let last = byteCount
    precondition(range.lowerBound >= 0 && range.upperBound <= last)
    guard range.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<range.count {
      // SAFETY: below both counts, as checked.
      let (own, other) = unsafe (
        unsafeLoad(
          fromUncheckedByteOffset: range.lowerBound &+ index,
          as: UInt8.self
        ),
        text.utf8Start[index]
      )
      guard own == other else { return false }
    }
    return true
  }

  /// Where the string is whose length is at `offset`; nil when it would go
  /// beyond `end`.
  func string(at offset: Int, until end: Int) -> Range<Int>? {
    guard offset <= end &- 4 else { return nil }
    let count = Int(bigEndian(at: offset, as: UInt32.self))
    guard count <= end &- 4 &- offset else { return nil }
    return offset &+ 4..<offset &+ 4 &+ count
  }
}
