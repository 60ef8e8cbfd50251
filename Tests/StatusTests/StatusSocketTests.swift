// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Foundation
import Health
import Linux
import Testing

@testable import Status

/// The socket among clients of every kind.
@Suite(.serialized) struct StatusSocketTests {
  /// A name that no other test has.
  private func freshName() -> Path {
    Path("oldmemd-test-\(UInt64.random(in: 0...(.max)))")
  }

  private func page(_ record: HealthRecord?) throws -> SharedHealth {
    let shared = try SharedHealth()
    if let record { shared.page.write(record) }
    return shared
  }

  /// Answers in a child while `body` runs, as the witness does.
  private func whileAnswering(
    _ shared: borrowing SharedHealth,
    name: Path,
    _ body: () throws -> Void
  ) throws {
    let socket = try StatusSocket(name: name)
    guard let child = try Linux.Process.fork() else {
      while true {
        _ = socket.descriptor.isReadable(within: 1000)
        socket.answer(shared.page, action: .none)
      }
    }
    defer {
      child.kill()
      _ = try? child.end(block: true)
    }
    try body()
  }

  private func words(_ status: Status) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: StatusWords.byteCount)
    var span = bytes.mutableSpan
    let count = status.words.write(into: &span)
    return Array(bytes[..<count])
  }

  @Test func whatIsAskedIsAnsweredWordForWord() throws {
    let record = try Sample.record(lost: 1, damaged: 9)
    let shared = try page(record)
    let name = freshName()
    try whileAnswering(shared, name: name) {
      for _ in 0..<100 {
        var answer = try Status.ask(name: name)
        #expect(answer.now > 0)
        #expect(answer.witness != UInt32(Linux.Process.own))
        answer.now = 5
        answer.witness = 6
        let expected = Status(record, action: .none, witness: 6, now: 5)
        #expect(words(answer) == words(expected))
      }
    }
  }

  @Test func whereNobodyIsThereIsNobody() throws {
    #expect(throws: StatusError.nobody) {
      _ = try Status.ask(name: freshName())
    }
  }

  @Test func beforeTheFirstRecordThereIsNoAnswer() throws {
    let shared = try page(nil)
    let name = freshName()
    try whileAnswering(shared, name: name) {
      #expect(throws: StatusError.refused) { _ = try Status.ask(name: name) }
    }
  }

  @Test func aNameIsHadOnce() throws {
    let name = freshName()
    let first = try StatusSocket(name: name)
    #expect(throws: Errno.nameTaken) { _ = try StatusSocket(name: name) }
    _ = consume first
    _ = try StatusSocket(name: name)
  }

  @Test func whoDoesNotAnswerIsNotWaitedForLong() throws {
    let name = freshName()
    let socket = try StatusSocket(name: name)
    let start = Clock.nanoseconds()
    #expect(throws: StatusError.failed(.tryAgain)) {
      _ = try Status.ask(name: name, milliseconds: 200)
    }
    #expect(Clock.nanoseconds() - start < 3_000_000_000)
    _ = consume socket
  }

  @Test func whatMakesNoSenseIsNotBelieved() throws {
    let good = words(try Sample.status())
    func isBelieved(_ bytes: [UInt8]) -> Bool {
      Status(bytes.span.bytes) != nil
    }
    #expect(isBelieved(good))
    // The magic, the count, a state and a reason that there are not.
    for (place, value) in [(0, 1), (8, 255), (9, 1), (96, 9), (104, 99)] {
      var bad = good
      bad[place] = UInt8(value)
      #expect(!isBelieved(bad), "\(place)")
    }
    for length in [0, 1, 15, 16, 100, good.count - 1] {
      #expect(!isBelieved(Array(good[..<length])), "\(length)")
    }
    // A message of an older program has fewer words.
    var short = Array(good[..<(16 + 8 * 20)])
    short[8] = 20
    short[9] = 0
    let old = Status(short.span.bytes)
    #expect(old?.counters == .zero)
  }

  /// Ten thousand of them cost nothing that stays, and ours is served.
  @Test func clientsThatDoTheirWorstAreBorne() throws {
    let shared = try page(try Sample.record())
    let name = freshName()
    let socket = try StatusSocket(name: name)
    let before = try openFiles()
    for round in 0..<10_000 {
      let client = try Connection(name: name, milliseconds: 1000)
      switch round % 4 {
      case 0: break
      // What it says is never read.
      case 1: try? client.send([UInt8](repeating: 0xff, count: 4096).span.bytes)
      // It goes before it is answered.
      case 2: _ = consume client
      // It has others before it that were never answered.
      default:
        let more = try Connection(name: name, milliseconds: 1000)
        socket.answer(shared.page, action: .none)
        _ = consume more
      }
      socket.answer(shared.page, action: .none)
    }
    while socket.answer(shared.page, action: .none) {}
    let after = try openFiles()
    // Other tests open some too.
    #expect(after < before + 100)
  }

  /// Clients that never read and never go.
  @Test func oneWhoNeverReadsHoldsNobodyUp() throws {
    let shared = try page(try Sample.record())
    let name = freshName()
    try whileAnswering(shared, name: name) {
      var held: [Held] = []
      for _ in 0..<200 { held.append(try Held(name, milliseconds: 5000)) }
      _ = try Status.ask(name: name)
      withExtendedLifetime(held) {}
    }
  }

  /// A queue that is full makes clients wait, and no longer than they want.
  @Test func aFullQueueIsNoHang() throws {
    let name = freshName()
    let socket = try StatusSocket(name: name)
    var held: [Held] = []
    while let client = try? Held(name, milliseconds: 100) {
      held.append(client)
      try #require(held.count < 1000)
    }
    try #require(!held.isEmpty)
    #expect(throws: StatusError.failed(.tryAgain)) {
      _ = try Status.ask(name: name, milliseconds: 100)
    }
    // Each answer makes room for one.
    let shared = try page(try Sample.record())
    var answered = 0
    while socket.answer(shared.page, action: .none) { answered += 1 }
    #expect(answered == held.count)
  }

  /// Only where we are root: another user asks, and answers in our place.
  @Test(.enabled(if: Linux.Process.user == 0))
  func otherUsersAreNotAnsweredAndNotBelieved() throws {
    let shared = try page(try Sample.record())
    let name = freshName()
    try whileAnswering(shared, name: name) {
      let others = try status(ofUser: 65_534) { try Status.ask(name: name) }
      #expect(others == 2)
      let ours = try status(ofUser: 0) { try Status.ask(name: name) }
      #expect(ours == 0)
    }
    let other = freshName()
    let impostor = try impostor(shared, name: other)
    defer {
      impostor.kill()
      _ = try? impostor.end(block: true)
    }
    for _ in 0..<100 {
      do {
        _ = try Status.ask(name: other)
        Issue.record("another user's word was taken")
      } catch StatusError.nobody {
        Clock.sleep(milliseconds: 50)
        continue
      } catch { #expect(error == .impostor(user: 65_534)) }
      return
    }
    Issue.record("the impostor never came")
  }

  /// Another user's process that answers, in place of ours.
  ///
  /// The page is borrowed: of one that is ours the compiler gives back the memory
  /// before a loop that has no end.
  private func impostor(
    _ shared: borrowing SharedHealth,
    name: Path
  ) throws -> Linux.Process {
    if let child = try Linux.Process.fork() { return child }
    guard setuid(65_534) == 0, let socket = try? StatusSocket(name: name)
    else { Linux.Process.exit(1) }
    while true {
      _ = socket.descriptor.isReadable(within: 1000)
      socket.answer(shared.page, action: .none)
    }
  }

  /// What came of asking as another user: 0 an answer, 2 none.
  private func status(
    ofUser user: UInt32,
    _ ask: () throws -> Status
  ) throws -> Int32 {
    guard let child = try Linux.Process.fork() else {
      guard setuid(user) == 0 else { Linux.Process.exit(9) }
      do {
        _ = try ask()
        Linux.Process.exit(0)
      } catch {
        Linux.Process.exit((error as? StatusError) == .refused ? 2 : 3)
      }
    }
    guard case .exited(let status) = try child.end(block: true) else {
      return -1
    }
    return status
  }

  private func openFiles() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }
}

/// A client that stays.
private final class Held {
  let connection: Connection

  init(_ name: Path, milliseconds: UInt32) throws {
    connection = try Connection(name: name, milliseconds: milliseconds)
  }
}
