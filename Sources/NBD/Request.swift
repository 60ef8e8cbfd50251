// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A client's request, as it came.
public struct Request: Equatable, Sendable {
  /// NBD_CMD_*.
  enum Command: UInt16 {
    case read = 0
    case write = 1
    case disconnect = 2
    case flush = 3
    case trim = 4
    case cache = 5
    case writeZeroes = 6
    case blockStatus = 7
  }

  /// NBD_CMD_FLAG_*.
  enum Flag {
    static let forceUnitAccess: UInt16 = 1 << 0
    static let noHole: UInt16 = 1 << 1
    static let unfragmented: UInt16 = 1 << 2
    static let oneExtent: UInt16 = 1 << 3
    static let fastZero: UInt16 = 1 << 4
    static let known: UInt16 = 0b11111
  }

  var flags: UInt16
  var command: UInt16
  var cookie: UInt64
  /// The first byte that is meant.
  public var offset: UInt64
  /// How many bytes are meant.
  public var length: UInt32

  /// Decodes a header; nil when it has another magic.
  static func decode(
    _ bytes: borrowing MutableRawSpan,
    at place: Int
  ) -> Request? {
    guard bytes.bigEndian(at: place, as: UInt32.self) == Magic.request else {
      return nil
    }
    return Request(
      flags: bytes.bigEndian(at: place &+ 4, as: UInt16.self),
      command: bytes.bigEndian(at: place &+ 6, as: UInt16.self),
      cookie: bytes.bigEndian(at: place &+ 8, as: UInt64.self),
      offset: bytes.bigEndian(at: place &+ 16, as: UInt64.self),
      length: bytes.bigEndian(at: place &+ 24, as: UInt32.self)
    )
  }

  init(
    flags: UInt16 = 0,
    command: UInt16,
    cookie: UInt64 = 0,
    offset: UInt64,
    length: UInt32
  ) {
    self.flags = flags
    self.command = command
    self.cookie = cookie
    self.offset = offset
    self.length = length
  }

  /// Whether `length` bytes of data follow, whatever is made of the request.
  var hasPayload: Bool { command == Command.write.rawValue }

  func has(_ flag: UInt16) -> Bool { flags & flag != 0 }
}

/// What a client and the server have agreed on.
struct Agreement: Equatable {
  /// NBD_FLAG_C_FIXED_NEWSTYLE was sent.
  var isFixed = false
  /// NBD_FLAG_C_NO_ZEROES was sent.
  var omitsZeroes = false
  /// STRUCTURED_REPLY was asked for.
  var isStructured = false
  /// base:allocation was selected.
  var hasContext = false
}

/// What `validate` makes of a request.
enum Validated: Equatable {
  case accepted(Request.Command)
  case refused(Refusal)
}

/// Everything that may be wrong with a request, one reason after the other.
///
/// `room` is the longest read that can be answered in one piece.
func validate(
  _ request: Request,
  _ agreement: Agreement,
  exportSize: UInt64,
  room: Int
) -> Validated {
  guard let command = Request.Command(rawValue: request.command) else {
    return .refused(.unknownCommand)
  }
  guard request.flags & ~Request.Flag.known == 0 else {
    return .refused(.unknownFlag)
  }
  if command == .disconnect { return .accepted(command) }
  if request.has(Request.Flag.noHole), command != .writeZeroes {
    return .refused(.strayNoHole)
  }
  if request.has(Request.Flag.fastZero), command != .writeZeroes {
    return .refused(.strayFastZero)
  }
  if request.has(Request.Flag.oneExtent), command != .blockStatus {
    return .refused(.strayOneExtent)
  }
  if request.has(Request.Flag.unfragmented) {
    guard command == .read else { return .refused(.strayUnfragmented) }
    guard agreement.isStructured else {
      return .refused(.unfragmentedUnagreed)
    }
  }
  if command == .flush {
    guard request.offset == 0, request.length == 0 else {
      return .refused(.flushOfRange)
    }
    return .accepted(command)
  }
  guard request.length > 0 else { return .refused(.nothing) }
  guard request.offset <= exportSize,
    UInt64(request.length) <= exportSize - request.offset
  else {
    switch command {
    case .write, .writeZeroes: return .refused(.writtenBeyondEnd)
    default: return .refused(.beyondEnd)
    }
  }
  if request.length > Limit.payload {
    if command == .write { return .refused(.writeTooLong) }
    if command == .read {
      return .refused(
        agreement.isStructured ? .readTooLongForChunks : .readTooLong
      )
    }
  }
  if request.has(Request.Flag.unfragmented), Int(request.length) > room {
    return .refused(.unfragmentedTooLong)
  }
  if command == .blockStatus, !agreement.hasContext {
    return .refused(.noContext)
  }
  if request.has(Request.Flag.fastZero) {
    let block: UInt64 = 4096
    guard request.offset % block == 0, UInt64(request.length) % block == 0
    else { return .refused(.notFast) }
  }
  return .accepted(command)
}
