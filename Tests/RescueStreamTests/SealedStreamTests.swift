// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Rescue
import Testing

@testable import RescueStream

/// What is sealed: it comes as it was sent, or it is noticed.
@Suite struct SealedStreamTests {
  private static let small: [(UInt64, [UInt8])] = [
    (0, Array("head".utf8)), (100, Array("tail".utf8)),
    (0, Array("HEAD".utf8)),
  ]

  @Test func whatIsSentArrives() throws {
    let large = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 3) }
    let session = try Session(
      [(5, large), (1 << 33, [1]), (0, [9, 8]), (7, [])],
      byteCount: 1 << 34
    )
    var file = [UInt64: UInt8]()
    for case .piece(let offset, let bytes) in session.events {
      for (index, byte) in bytes.enumerated() {
        file[offset + UInt64(index)] = byte
      }
    }
    #expect(session.events.first == .begin(.dump, name: Array("host".utf8)))
    #expect(
      session.events.last == .end(byteCount: 1 << 34, isWhole: true)
    )
    #expect(file.count == large.count + 3)
    #expect(large.indices.allSatisfy { file[UInt64($0) + 5] == large[$0] })
    #expect(file[1 << 33] == 1 && file[0] == 9 && file[1] == 8)
    #expect(session.count == 1 << 34)
  }

  @Test func nothingOfItIsReadable() throws {
    let text = Array("a line that may be a password\n".utf8)
    let session = try Session([(0, text)])
    for start in 0...(session.sent.count - 8) {
      #expect(Array(session.sent[start..<start + 8]) != Array(text.prefix(8)))
    }
  }

  @Test func everyBitFlippedIsNoticed() throws {
    let session = try Session(Self.small)
    for bit in 0..<(session.sent.count * 8) {
      var sent = session.sent
      sent[bit / 8] ^= 1 << (bit % 8)
      let (events, error) = Session.replay(sent)
      #expect(error != nil)
      #expect(session.events.starts(with: events))
    }
  }

  @Test func everyBitFlippedOnTheWayBackIsNoticed() throws {
    let session = try Session(Self.small)
    for bit in 0..<(session.answered.count * 8) {
      var answered = session.answered
      answered[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: StreamError.self) {
        var sink = try SealedSink.begin(
          over: ScriptChannel(answered),
          key: Session.key,
          kind: .dump,
          random: Session.senderRandom
        )
        for (offset, bytes) in Self.small {
          let span = bytes.span
          _ = sink.write(span.bytes, at: offset)
        }
        try sink.end(isWhole: true)
      }
    }
  }

  @Test func whatIsCutHasNoEnd() throws {
    let session = try Session(Self.small)
    for count in 0..<session.sent.count {
      let (events, error) = Session.replay(Array(session.sent.prefix(count)))
      #expect(error == .silent)
      #expect(session.events.starts(with: events))
    }
  }

  @Test func recordsThatAreMovedRepeatedOrLeftOutAreNoticed() throws {
    let session = try Session(Self.small)
    let records = session.records
    try #require(records.count == session.events.count)
    for first in records.indices {
      for second in records.indices where second != first {
        var moved = records
        moved.swapAt(first, second)
        check(moved)
      }
      // What is left out at the end is a cut, above; behind the end nobody reads.
      if first + 1 < records.count {
        check(records[...first] + records[first...])
        check(records[..<first] + records[(first + 1)...])
      }
    }

    func check(_ other: some Sequence<[UInt8]>) {
      let sent = session.sent[..<72] + other.joined()
      let (events, error) = Session.replay(Array(sent))
      #expect(error == .damaged)
      #expect(session.events.starts(with: events))
    }
  }

  @Test func whatWasRecordedIsWorthNothingLater() throws {
    let session = try Session(Self.small)
    let record = Record()
    let (events, error) = Session.replay(
      session.sent,
      random: InlineArray<32, UInt8> { UInt8($0 * 3 + 2) },
      record: record
    )
    #expect(events.isEmpty && error == .otherKey)
    // No more than the greeting.
    #expect(record.written.count == 40)
  }

  @Test func withAnotherKeyNothingIsTaken() throws {
    let session = try Session(Self.small)
    let record = Record()
    let (events, error) = Session.replay(
      session.sent,
      key: Session.otherKey,
      record: record
    )
    #expect(events.isEmpty && error == .otherKey)
    #expect(record.written.count == 40)
  }

  @Test func toWhoHasNotTheKeyNothingIsSent() throws {
    let keys = SessionKeys(
      Session.otherKey,
      receiver: Session.receiverRandom,
      sender: Session.senderRandom
    )
    let hello = Greeting.bytes(Greeting.hello, Session.receiverRandom)
    let mine = SessionKeys(
      Session.key,
      receiver: Session.receiverRandom,
      sender: Session.senderRandom
    )
    // Of another key; our own proof back; none; a listener that says nothing.
    for (said, expected) in [
      (hello + [UInt8](keys.receiverProof), StreamError.otherKey),
      (hello + [UInt8](mine.senderProof), .otherKey), (hello, .otherKey),
      ([], .silent), (Array("220 mail.example.org ESMTP".utf8), .silent),
      (
        Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n".utf8),
        .notOurs
      ),
    ] {
      let record = Record()
      #expect(throws: expected) {
        _ = try SealedSink.begin(
          over: ScriptChannel(said, record),
          key: Session.key,
          kind: .log,
          random: Session.senderRandom
        )
      }
      // The answer at most, which has nothing of the file.
      #expect(record.written.isEmpty || record.written.count == 72)
    }
  }

  @Test func plainTextIsNoAnswer() {
    let (events, error) = Session.replay(
      Array(String(repeating: "[    0.000000] Linux\n", count: 9).utf8)
    )
    #expect(events.isEmpty && error == .notOurs)
  }

  /// A receiver's view of records that somebody with the key made.
  private func sealed(
    _ contents: [[UInt8]],
    limit: UInt64 = 1 << 20
  ) -> StreamError? {
    let keys = SessionKeys(
      Session.key,
      receiver: Session.receiverRandom,
      sender: Session.senderRandom
    )
    var sent =
      Greeting.bytes(Greeting.answer, Session.senderRandom)
      + [UInt8](keys.senderProof)
    var seal = Seal(keys.records)
    for content in contents {
      var record = [UInt8](repeating: 0, count: 4) + content
      record += [UInt8](repeating: 0, count: 16)
      seal.close(&record)
      sent += record
    }
    return Session.replay(sent, limit: limit).1
  }

  @Test func recordsThatMakeNoSenseAreRefused() {
    let begin: [UInt8] = [1, 1]
    let zeros = [UInt8](repeating: 0, count: 7)
    #expect(sealed([begin, [3, 1, 0] + zeros]) == nil)
    for contents: [[UInt8]] in [
      [[0]], [[1]], [[1, 0]], [[1, 3]],
      [[1, 1] + [UInt8](repeating: 65, count: 65)],
      [begin, begin], [[2, 0] + zeros + [1]], [begin, [2, 0] + zeros],
      [[3, 1, 0] + zeros], [begin, [3, 2, 0] + zeros], [begin, [3, 1, 0]],
      [begin, [2, 4] + zeros + [1], [3, 1, 4] + zeros], [begin, [4]],
    ] { #expect(sealed(contents) == .malformed, "\(contents)") }
    for contents: [[UInt8]] in [
      [begin, [2, 0, 0, 16] + zeros.dropLast(2) + [1]],
      [begin, [2] + [UInt8](repeating: 255, count: 8) + [1]],
      [begin, [3, 1, 1, 0, 16] + zeros.dropLast(2)],
    ] { #expect(sealed(contents) == .tooLarge, "\(contents)") }
  }
}
