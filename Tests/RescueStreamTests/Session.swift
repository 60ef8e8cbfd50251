// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Rescue

@testable import RescueStream

/// What has gone over a channel in each direction.
final class Record: @unchecked Sendable {
  var written = [UInt8]()
}

/// A channel whose other end has said all that it will.
struct ScriptChannel: ByteChannel {
  let input: [UInt8]
  let record: Record
  private var position = 0

  init(_ input: [UInt8], _ record: Record = Record()) {
    self.input = input
    self.record = record
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { record.written += Array($0) }
    return true
  }

  mutating func fill(_ bytes: inout MutableRawSpan) -> Bool {
    guard bytes.byteCount <= input.count - position else { return false }
    let piece = input[position..<position + bytes.byteCount]
    bytes.withUnsafeMutableBytes { $0.copyBytes(from: piece) }
    position += bytes.byteCount
    return true
  }
}

/// A channel to somebody else in this process.
struct PipeChannel: ByteChannel, ~Copyable {
  private let input: Int32
  private let output: Int32
  private let record: Record

  deinit {
    close(input)
    close(output)
  }

  /// Both ends.
  static func pair() -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    precondition(
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0
    )
    return (ends[0], ends[1])
  }

  init(_ end: Int32, _ record: Record) {
    input = end
    output = dup(end)
    self.record = record
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { buffer in
      record.written += Array(buffer)
      var sent = 0
      while sent < buffer.count {
        let step = send(
          output,
          buffer.baseAddress?.advanced(by: sent),
          buffer.count - sent,
          Int32(MSG_NOSIGNAL)
        )
        guard step > 0 else { return false }
        sent += step
      }
      return true
    }
  }

  mutating func fill(_ bytes: inout MutableRawSpan) -> Bool {
    bytes.withUnsafeMutableBytes { buffer in
      var filled = 0
      while filled < buffer.count {
        let step = recv(
          input,
          buffer.baseAddress?.advanced(by: filled),
          buffer.count - filled,
          0
        )
        guard step > 0 else { return false }
        filled += step
      }
      return true
    }
  }
}

/// A session between a real sender and a real receiver.
struct Session {
  static let key = made(of: 0..<32)
  static let otherKey = made(of: 1..<33)
  static let receiverRandom = InlineArray<32, UInt8> { UInt8($0 * 3 + 1) }
  static let senderRandom = InlineArray<32, UInt8> { UInt8($0 * 5 + 2) }

  private static func made(of bytes: Range<UInt8>) -> StreamKey {
    guard let key = StreamKey(file: Array(bytes).span) else {
      preconditionFailure("32 bytes are a key")
    }
    return key
  }

  var sent = [UInt8]()
  var answered = [UInt8]()
  var events = [SealedSource<ScriptChannel>.Event]()
  var count: UInt64 = 0

  /// Sends these pieces, and keeps what was said.
  init(_ pieces: [(UInt64, [UInt8])], byteCount: UInt64 = 0) throws {
    let (there, here) = PipeChannel.pair()
    let (sent, answered) = (Record(), Record())
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var failure: (any Error)?
    nonisolated(unsafe) var count: UInt64 = 0
    Thread.detachNewThread {
      defer { done.signal() }
      do {
        var sink = try SealedSink.begin(
          over: PipeChannel(there, sent),
          key: Self.key,
          kind: .dump,
          random: Self.senderRandom,
          name: Array("host".utf8)
        )
        for (offset, bytes) in pieces {
          let span = bytes.span
          guard sink.write(span.bytes, at: offset), sink.barrier() else {
            throw StreamError.silent
          }
        }
        try sink.end(isWhole: true, byteCount: byteCount)
        count = sink.count
      } catch { failure = error }
    }
    var source = try SealedSource.accept(
      from: PipeChannel(here, answered),
      key: Self.key,
      random: Self.receiverRandom,
      limit: 1 << 40
    )
    reading: while true {
      switch try source.next() {
      case .begin(let kind, let name): events.append(.begin(kind, name: name))
      case .piece(let offset, let bytes):
        events.append(.piece(offset: offset, bytes))
      case .end(let count, let isWhole):
        events.append(.end(byteCount: count, isWhole: isWhole))
        try source.confirm(byteCount: count)
        break reading
      }
    }
    done.wait()
    if let failure { throw failure }
    self.sent = sent.written
    self.answered = answered.written
    self.count = count
  }

  /// What a receiver makes of these bytes: the events, and the error.
  static func replay(
    _ sent: [UInt8],
    key: StreamKey = Session.key,
    random: InlineArray<32, UInt8> = Session.receiverRandom,
    limit: UInt64 = 1 << 40,
    record: Record = Record()
  ) -> ([SealedSource<ScriptChannel>.Event], StreamError?) {
    var events = [SealedSource<ScriptChannel>.Event]()
    do throws(StreamError) {
      var source = try SealedSource.accept(
        from: ScriptChannel(sent, record),
        key: key,
        random: random,
        limit: limit
      )
      while true {
        let event = try source.next()
        events.append(event)
        if case .end = event { return (events, nil) }
      }
    } catch { return (events, error) }
  }

  /// The records in what was sent, behind the answer.
  var records: [[UInt8]] {
    var records = [[UInt8]]()
    var rest = sent[72...]
    while rest.count >= 4, let size = Seal.size(Array(rest.prefix(4)).span) {
      records.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return records
  }
}
