// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Testing

@testable import NBD

/// A request that is refused, its errno, and why.
struct RefusedRequest: CustomTestStringConvertible {
  var command: UInt16
  var flags: UInt16 = 0
  var offset: UInt64 = 0
  var length: UInt32 = 0
  var isStructured = true
  var hasContext = false
  var error: UInt32
  var refusal: Refusal

  var testDescription: String { "\(refusal)" }
}

@Suite struct RequestTests {
  static let end: UInt64 = 64 * 4096

  static let refused: [RefusedRequest] = [
    .init(command: 8, error: 22, refusal: .unknownCommand),
    .init(command: 0xffff, length: 9, error: 22, refusal: .unknownCommand),
    .init(command: 0, flags: 32, length: 9, error: 22, refusal: .unknownFlag),
    .init(
      command: 3,
      flags: 0x8000,
      error: 22,
      refusal: .unknownFlag
    ),
    .init(command: 0, flags: 2, length: 9, error: 22, refusal: .strayNoHole),
    .init(command: 4, flags: 2, length: 9, error: 22, refusal: .strayNoHole),
    .init(command: 1, flags: 16, length: 9, error: 22, refusal: .strayFastZero),
    .init(command: 0, flags: 8, length: 9, error: 22, refusal: .strayOneExtent),
    .init(
      command: 1,
      flags: 4,
      length: 9,
      error: 22,
      refusal: .strayUnfragmented
    ),
    .init(
      command: 0,
      flags: 4,
      length: 9,
      isStructured: false,
      error: 22,
      refusal: .unfragmentedUnagreed
    ),
    .init(
      command: 0,
      flags: 4,
      length: 32768,
      error: 75,
      refusal: .unfragmentedTooLong
    ),
    .init(command: 3, offset: 1, error: 22, refusal: .flushOfRange),
    .init(command: 3, length: 1, error: 22, refusal: .flushOfRange),
    .init(command: 0, error: 22, refusal: .nothing),
    .init(command: 1, error: 22, refusal: .nothing),
    .init(command: 4, offset: 4096, error: 22, refusal: .nothing),
    .init(command: 5, error: 22, refusal: .nothing),
    .init(command: 6, error: 22, refusal: .nothing),
    .init(command: 7, hasContext: true, error: 22, refusal: .nothing),
    .init(
      command: 0,
      offset: end,
      length: 1,
      error: 22,
      refusal: .beyondEnd
    ),
    .init(
      command: 0,
      offset: end - 1,
      length: 2,
      error: 22,
      refusal: .beyondEnd
    ),
    .init(
      command: 0,
      offset: .max,
      length: .max,
      error: 22,
      refusal: .beyondEnd
    ),
    .init(
      command: 4,
      offset: end,
      length: 1,
      error: 22,
      refusal: .beyondEnd
    ),
    .init(
      command: 5,
      offset: end,
      length: 1,
      error: 22,
      refusal: .beyondEnd
    ),
    .init(
      command: 7,
      offset: end,
      length: 1,
      hasContext: true,
      error: 22,
      refusal: .beyondEnd
    ),
    .init(
      command: 1,
      offset: end - 1,
      length: 2,
      error: 28,
      refusal: .writtenBeyondEnd
    ),
    .init(
      command: 1,
      offset: .max - 1,
      length: 2,
      error: 28,
      refusal: .writtenBeyondEnd
    ),
    .init(
      command: 6,
      offset: end,
      length: 4096,
      error: 28,
      refusal: .writtenBeyondEnd
    ),
    .init(command: 7, length: 9, error: 22, refusal: .noContext),
    .init(command: 6, flags: 16, length: 9, error: 95, refusal: .notFast),
    .init(
      command: 6,
      flags: 16,
      offset: 512,
      length: 4096,
      error: 95,
      refusal: .notFast
    ),
  ]

  @Test(arguments: refused)
  func whatIsWrongWithARequestHasItsErrnoAndItsWords(
    _ wrong: RefusedRequest
  ) {
    for structured in wrong.isStructured ? [true, false] : [false] {
      // Without structured replies there is neither DF nor a context.
      if !structured, wrong.hasContext || wrong.refusal == .unfragmentedTooLong
      {
        continue
      }
      var talk = Talk()
      talk.go(structured: structured, context: wrong.hasContext)
      let data = wrong.command == 1 ? pattern(Int(wrong.length)) : []
      let reply = talk.send(
        request(
          wrong.command,
          flags: wrong.flags,
          wrong.offset,
          wrong.length,
          data
        )
      )
      #expect(
        reply
          == (structured
            ? failure(wrong.error, "\(wrong.refusal.message)")
            : simple(wrong.error))
      )
      #expect(talk.end == nil)
      #expect(talk.device.calls == [])
      // The stream is where it should be, and people hear of it.
      #expect(talk.send(request(3)) == simple())
      let noted = talk.session.takeRefusal()
      #expect(noted?.1 == (wrong.refusal.isMisuse ? wrong.refusal : nil))
    }
  }

  /// An export that is larger than the longest read and write.
  @Test func moreThan32MiBAtATimeIsRefused() {
    let long: UInt32 = 32 << 20 + 1
    for (structured, error) in [(true, 75), (false, 22)] as [(Bool, UInt32)] {
      var talk = Talk(MemoryDevice(blocks: 16384))
      talk.go(structured: structured)
      let reply = talk.send(request(0, 0, long))
      #expect(
        reply
          == (structured
            ? failure(error, "READ of more than 32 MiB") : simple(error))
      )
    }
    var talk = Talk(MemoryDevice(blocks: 16384))
    talk.go()
    // Its data is taken and dropped, or the next request would be looked for
    // in the middle of it.
    let data = [UInt8](repeating: 0xab, count: Int(long))
    #expect(talk.send(request(1, 0, long, data)) == simple(22))
    #expect(talk.device.calls == [])
    #expect(talk.send(request(3)) == simple())
  }

  @Test func whatIsNoRequestIsTheEnd() {
    for magic in [0x2560_9514, 0x1256_0953, 0x21e4_1c71, 0] as [UInt32] {
      var talk = Talk()
      talk.go()
      #expect(talk.send(big(magic) + request(3).dropFirst(4)) == [])
      #expect(talk.end == .requestMagic)
    }
  }

  @Test func disconnectingIsNotAnswered() {
    var talk = Talk()
    talk.go()
    // Those before it are.
    #expect(talk.send(request(3) + request(2) + request(3)) == simple())
    #expect(talk.end == .bidden)
  }

  @Test func aServerThatEndsBeginsNothing() {
    var talk = Talk()
    talk.go(structured: true)
    talk.session.isEnding = true
    let expected = failure(108, "the server ends")
    #expect(talk.send(request(0, 0, 4096)) == expected)
    #expect(talk.send(request(1, 0, 4096, pattern(4096))) == expected)
    #expect(talk.send(request(3)) == expected)
    #expect(talk.device.calls == [])
    #expect(talk.send(request(2)) == [])
    #expect(talk.end == .bidden)
  }

  @Test func forceUnitAccessIsTakenOnEveryCommand() {
    var talk = Talk()
    talk.go(context: true)
    for command in [0, 1, 3, 4, 5, 6, 7] as [UInt16] {
      let length: UInt32 = command == 3 ? 0 : 4096
      let data = command == 1 ? pattern(4096) : []
      let reply = talk.send(request(command, flags: 1, 0, length, data))
      #expect(!reply.isEmpty)
      // No error chunk, which has bit 15 of its type set.
      #expect(reply.count == 16 || reply[6] & 0x80 == 0)
    }
    #expect(talk.session.takeRefusal() == nil)
  }
}
