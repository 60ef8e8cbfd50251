// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What the kernel's log says of one message, beside its text.
public struct LogRecord: Equatable, Sendable {
  /// The message's number; nil in logs that do not store it.
  public var sequence: UInt64?
  /// When it was written, in nanoseconds of the kernel's clock.
  public var time: UInt64
  /// Who wrote it (syslog(3)), 0 being the kernel; nil where VMCOREINFO does
  /// not show where that is.
  public var facility: UInt8?
  /// How urgent it is, 0 (emergency) to 7 (debug); nil as above.
  public var level: UInt8?
  /// Whether it goes on with the one before it (LOG_CONT).
  public var isContinuation: Bool
  /// The thread that wrote it, or, with bit 31 set, the processor; nil where
  /// the log does not store it.
  public var caller: UInt32?
  /// Why there is no text; nil where there is one.
  public var missing: Missing?

  /// Why a message is there without its text.
  public enum Missing: Sendable {
    /// The kernel had no room for it (FAILED_LPOS).
    case lost
    /// It has none: an empty line (EMPTY_LINE_LPOS).
    case empty
  }
}

/// Whoever takes the messages of a log, the oldest first.
public protocol LogVisitor: ~Copyable {
  /// Takes one message, which may hold any bytes and several lines; false
  /// ends the reading.
  mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool
}

/// What reading a log came to.
public struct LogReport: Equatable, Sendable {
  /// Messages that were handed on.
  public internal(set) var records: UInt64 = 0
  /// Messages that somebody was still writing when the machine crashed.
  public internal(set) var unfinished: UInt64 = 0
  /// Places where a message must have been, and none can be made out.
  public internal(set) var damaged: UInt64 = 0
  /// Whether what says where the log begins and ends made no sense, so that
  /// messages were looked for.
  public internal(set) var isSalvaged = false
  /// Whether the visitor had enough.
  public internal(set) var endedEarly = false

  /// Counts nothing yet.
  public init() {}
}
