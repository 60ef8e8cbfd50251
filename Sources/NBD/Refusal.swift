// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// An error as the protocol knows it: few, and with numbers of their own.
public enum WireError: UInt32, Equatable, Sendable {
  /// NBD_EIO.
  case inputOutput = 5
  /// NBD_EINVAL.
  case invalid = 22
  /// NBD_ENOSPC.
  case noSpace = 28
  /// NBD_EOVERFLOW.
  case overflow = 75
  /// NBD_ENOTSUP.
  case notSupported = 95
  /// NBD_ESHUTDOWN.
  case shutdown = 108
}

/// Why a request is answered with an error.
public enum Refusal: Equatable, Sendable {
  /// No command has this number.
  case unknownCommand
  /// No command has such a flag.
  case unknownFlag
  /// NO_HOLE is WRITE_ZEROES's alone.
  case strayNoHole
  /// FAST_ZERO is WRITE_ZEROES's alone.
  case strayFastZero
  /// REQ_ONE is BLOCK_STATUS's alone.
  case strayOneExtent
  /// DF is READ's alone.
  case strayUnfragmented
  /// DF without structured replies.
  case unfragmentedUnagreed
  /// A DF read that is longer than one piece.
  case unfragmentedTooLong
  /// FLUSH is of everything.
  case flushOfRange
  /// A length of zero.
  case nothing
  /// A range that goes beyond the end.
  case beyondEnd
  /// A range to be written that goes beyond the end.
  case writtenBeyondEnd
  /// A read of more than 32 MiB.
  case readTooLong
  /// The same, where the reply could have been in chunks.
  case readTooLongForChunks
  /// A write of more than 32 MiB.
  case writeTooLong
  /// BLOCK_STATUS without a metadata context.
  case noContext
  /// A FAST_ZERO that is not made of whole blocks.
  case notFast
  /// No copy of a block is good.
  case damaged
  /// No frame is free.
  case full
  /// The server is about to end.
  case shutdown

  /// What the client gets.
  public var error: WireError {
    switch self {
    case .damaged: .inputOutput
    case .full, .writtenBeyondEnd: .noSpace
    case .unfragmentedTooLong, .readTooLongForChunks: .overflow
    case .notFast: .notSupported
    case .shutdown: .shutdown
    case .unknownCommand, .unknownFlag, .strayNoHole, .strayFastZero,
      .strayOneExtent, .strayUnfragmented, .unfragmentedUnagreed,
      .flushOfRange, .nothing, .beyondEnd, .readTooLong, .writeTooLong,
      .noContext:
      .invalid
    }
  }

  /// What people get, at the client's end too where replies are structured.
  public var message: StaticString {
    switch self {
    case .unknownCommand: "no such command"
    case .unknownFlag: "no such flag"
    case .strayNoHole: "NO_HOLE is for WRITE_ZEROES"
    case .strayFastZero: "FAST_ZERO is for WRITE_ZEROES"
    case .strayOneExtent: "REQ_ONE is for BLOCK_STATUS"
    case .strayUnfragmented: "DF is for READ"
    case .unfragmentedUnagreed: "DF needs structured replies"
    case .unfragmentedTooLong: "too long to be read in one piece"
    case .flushOfRange: "FLUSH takes no offset and no length"
    case .nothing: "the length is zero"
    case .beyondEnd: "beyond the end"
    case .writtenBeyondEnd: "written beyond the end"
    case .readTooLong, .readTooLongForChunks: "READ of more than 32 MiB"
    case .writeTooLong: "WRITE of more than 32 MiB"
    case .noContext: "BLOCK_STATUS without a metadata context"
    case .notFast: "only whole blocks are zeroed fast"
    case .damaged: "no copy is good"
    case .full: "no frame is free"
    case .shutdown: "the server ends"
    }
  }

  /// Whether it is the client's own fault, and so worth a line: the store says
  /// what it notices by itself.
  public var isMisuse: Bool {
    switch self {
    case .damaged, .full, .shutdown, .notFast: false
    default: true
    }
  }
}

/// Why the server ends a connection.
public enum Farewell: Equatable, Sendable {
  /// The client has said DISC or ABORT.
  case bidden
  /// The client has closed its end.
  case closed
  /// The client has closed its end in the middle of something.
  case brokenOff
  /// The client's flags are not those that were offered.
  case unknownClientFlags
  /// What should be an option has another magic.
  case optionMagic
  /// A client that is not fixed newstyle knows but one option.
  case optionUnfixed
  /// An option of more than a megabyte.
  case optionTooLong
  /// More options than anybody needs.
  case tooManyOptions
  /// EXPORT_NAME of an export that is not there, which has no reply.
  case noSuchExport
  /// What should be a request has another magic.
  case requestMagic
  /// A block was damaged after its reply had begun.
  case damagedMeanwhile
  /// The handshake took too long.
  case late
  /// All connections are in use.
  case noRoom
  /// The connection has failed.
  case lost
  /// The server is about to end.
  case shutdown

  /// What is said of it; nil where nothing is wrong.
  public var message: StaticString? {
    switch self {
    case .bidden, .closed, .lost, .shutdown: nil
    case .brokenOff: "it was closed in the middle of a message"
    case .unknownClientFlags: "unknown client flags"
    case .optionMagic: "an option without its magic number"
    case .optionUnfixed: "an option of a client that is not fixed newstyle"
    case .optionTooLong: "an option of more than a megabyte"
    case .tooManyOptions: "too many options"
    case .noSuchExport: "EXPORT_NAME of an export that is not there"
    case .requestMagic: "a request without its magic number"
    case .damagedMeanwhile: "a block was damaged while it was sent"
    case .late: "its handshake took too long"
    case .noRoom: "all connections are in use"
    }
  }
}
