// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import NBD

@Suite struct HandshakeTests {
  private let size: UInt64 = 64 * 4096
  /// HAS_FLAGS, FLUSH, FUA, TRIM, WRITE_ZEROES, MULTI_CONN, CACHE, FAST_ZERO.
  private let flags: UInt16 = 0b1101_0110_1101
  private var export: [UInt8] { big(0 as UInt16) + big(size) + big(flags) }

  @Test func theGreetingIsTheProtocols() {
    var talk = Talk()
    #expect(
      talk.send([]) == Array("NBDMAGICIHAVEOPT".utf8) + big(3 as UInt16)
    )
    #expect(talk.end == nil)
  }

  @Test(arguments: [4, 0x8000_0000, 7, 0xffff_ffff] as [UInt32])
  func unknownClientFlagsAreTheEnd(flags: UInt32) {
    var talk = Talk()
    _ = talk.greet(flags: flags)
    #expect(talk.end == .unknownClientFlags)
  }

  @Test func aClientThatIsNotFixedNewstyleKnowsOneOption() {
    var talk = Talk()
    _ = talk.greet(flags: 2)
    #expect(talk.send(option(6, information(""))) == [])
    #expect(talk.end == .optionUnfixed)
  }

  @Test func exportNameEndsInZeroesUnlessTheyAreOmitted() {
    for (clientFlags, zeroes) in [(1, 124), (3, 0), (0, 124)] as [(UInt32, Int)]
    {
      var talk = Talk()
      _ = talk.greet(flags: clientFlags)
      #expect(
        talk.send(option(1))
          == big(size) + big(flags) + Array(repeating: 0, count: zeroes)
      )
      #expect(talk.end == nil)
      #expect(!talk.session.isShakingHands)
      // And the next thing is a request.
      #expect(talk.send(request(3)) == simple())
    }
  }

  @Test func anExportThatIsNotThereHasNoReplyToItsName() {
    for name in ["other", "oldmem2", "oldme", "Oldmem"] {
      var talk = Talk()
      _ = talk.greet()
      #expect(talk.send(option(1, Array(name.utf8))) == [])
      #expect(talk.end == .noSuchExport)
    }
  }

  @Test func goInformsAndEnters() {
    for name in ["", "oldmem"] {
      var talk = Talk()
      _ = talk.greet()
      #expect(
        talk.send(option(7, information(name)))
          == optionReply(7, 3, export) + optionReply(7, 1)
      )
      #expect(talk.send(request(3)) == simple())
    }
  }

  @Test func infoTellsWhatIsAskedForAndStays() {
    var talk = Talk()
    _ = talk.greet()
    let blocks =
      big(3 as UInt16) + big(1 as UInt32) + big(4096 as UInt32)
      + big(32 << 20 as UInt32)
    #expect(
      talk.send(option(6, information("", [3, 1, 99, 2])))
        == optionReply(6, 3, export)
        + optionReply(6, 3, big(1 as UInt16) + Array("oldmem".utf8))
        + optionReply(
          6,
          3,
          big(2 as UInt16) + Array("verified memory of oldmemd".utf8)
        ) + optionReply(6, 3, blocks) + optionReply(6, 1)
    )
    #expect(talk.session.isShakingHands)
  }

  @Test func structuredRepliesBringTheirFlag() {
    var talk = Talk()
    _ = talk.greet()
    #expect(talk.send(option(8)) == optionReply(8, 1))
    let export = big(0 as UInt16) + big(size) + big(flags | 1 << 7)
    #expect(
      talk.send(option(7, information("")))
        == optionReply(7, 3, export) + optionReply(7, 1)
    )
  }

  @Test func theListHasTheOneExport() {
    var talk = Talk()
    _ = talk.greet()
    let description = Array("verified memory of oldmemd".utf8)
    #expect(
      talk.send(option(3))
        == optionReply(
          3,
          2,
          big(6 as UInt32) + Array("oldmem".utf8) + description
        ) + optionReply(3, 1)
    )
  }

  @Test func abortIsAcknowledgedWhateverItCarries() {
    for data in [[], pattern(100)] {
      var talk = Talk()
      _ = talk.greet()
      #expect(talk.send(option(2, data)) == optionReply(2, 1))
      #expect(talk.end == .bidden)
    }
  }

  @Test func contextsAreSelectedByTheirWholeName() {
    var talk = Talk()
    _ = talk.greet()
    // Not before structured replies.
    let early = talk.send(option(10, metaContext("", ["base:allocation"])))
    #expect(type(of: early) == 0x8000_0003)
    _ = talk.send(option(8))
    let name = Array("base:allocation".utf8)
    let listed = optionReply(9, 4, big(0 as UInt32) + name) + optionReply(9, 1)
    let set = optionReply(10, 4, big(1 as UInt32) + name) + optionReply(10, 1)
    for queries in [[], ["base:"], ["base:allocation"], ["x:", "base:"]] {
      #expect(talk.send(option(9, metaContext("", queries))) == listed)
    }
    for queries in [["base:x"], ["qemu:"], ["base"], [""]] {
      #expect(
        talk.send(option(9, metaContext("", queries))) == optionReply(9, 1)
      )
    }
    for queries in [["base:allocation"], ["qemu:x", "base:allocation"]] {
      #expect(talk.send(option(10, metaContext("oldmem", queries))) == set)
      #expect(talk.session.agreement.hasContext)
    }
    // A wildcard selects nothing, and unselects what was selected.
    for queries in [[], ["base:"], ["base:x"]] {
      _ = talk.send(option(10, metaContext("", ["base:allocation"])))
      #expect(
        talk.send(option(10, metaContext("", queries))) == optionReply(10, 1)
      )
      #expect(!talk.session.agreement.hasContext)
    }
    _ = talk.send(option(10, metaContext("", ["base:allocation"])))
    let other = talk.send(option(10, metaContext("z", ["base:allocation"])))
    #expect(type(of: other) == 0x8000_0006)
    #expect(!talk.session.agreement.hasContext)
  }

  /// What is wrong with an option, and what is answered.
  private static let refused: [(UInt32, [UInt8], UInt32)] = [
    (4, [], 0x8000_0001), (11, [], 0x8000_0001), (0, [1, 2], 0x8000_0001),
    (0xffff_ffff, [], 0x8000_0001),
    (3, [0], 0x8000_0003), (5, [0], 0x8000_0003), (8, [0], 0x8000_0003),
    (5, [], 0x8000_0002),
    (6, [], 0x8000_0003), (6, [0, 0, 0, 0, 0], 0x8000_0003),
    (7, [0, 0, 0, 9] + Array("oldmem".utf8) + [0, 0], 0x8000_0003),
    (7, [0xff, 0xff, 0xff, 0xff, 0, 0], 0x8000_0003),
    (7, [0, 0, 0, 0, 0, 1], 0x8000_0003),
    (7, [0, 0, 0, 0, 0, 0, 0, 0], 0x8000_0003),
    (7, [0, 0, 0, 0, 0xff, 0xff, 0, 0], 0x8000_0003),
    (7, information("nobody"), 0x8000_0006),
    (6, information(String(repeating: "n", count: 4097)), 0x8000_0009),
    (6, [UInt8](repeating: 0, count: 8193), 0x8000_0009),
    (99, [UInt8](repeating: 0, count: 1 << 20), 0x8000_0009),
    (10, [], 0x8000_0003), (10, [0, 0, 0, 0], 0x8000_0003),
    (10, [0, 0, 0, 0, 0, 0, 0, 1], 0x8000_0003),
    (10, [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 0x8000_0003),
    (10, [0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff], 0x8000_0003),
    (10, metaContext("", ["base:allocation"]) + [0], 0x8000_0003),
    (9, metaContext("nobody", []), 0x8000_0006),
    (9, metaContext("", [String(repeating: "q", count: 4097)]), 0x8000_0009),
  ]

  @Test(arguments: refused)
  func whatIsWrongWithAnOptionIsSaidAndForgiven(
    number: UInt32,
    data: [UInt8],
    expected: UInt32
  ) throws {
    for piece in [1, 7, 10000] where data.count < 10000 || piece > 7 {
      var talk = Talk()
      talk.piece = piece
      _ = talk.greet()
      _ = talk.send(option(8))
      let reply = talk.send(option(number, data))
      #expect(type(of: reply) == expected)
      // There is a message, and the option is named.
      #expect(reply.count > 20)
      #expect(Array(reply[8..<12]) == big(number))
      #expect(talk.end == nil)
      #expect(
        talk.send(option(7, information(""))).suffix(20) == optionReply(7, 1)
      )
    }
  }

  @Test func whatIsNoOptionIsTheEnd() {
    var talk = Talk()
    _ = talk.greet()
    #expect(
      talk.send(Array("IHAVEOPT".utf8.reversed()) + big(0 as UInt64)) == []
    )
    #expect(talk.end == .optionMagic)
    talk = Talk()
    _ = talk.greet()
    _ = talk.send(
      Array("IHAVEOPT".utf8) + big(6 as UInt32) + big(1 << 20 + 1 as UInt32)
    )
    #expect(talk.end == .optionTooLong)
    talk = Talk()
    _ = talk.greet()
    _ = talk.send(option(1, [UInt8](repeating: 0x61, count: 9000)))
    #expect(talk.end == .noSuchExport)
  }

  @Test func nobodyNeedsMoreOptionsThanThere() {
    var talk = Talk()
    _ = talk.greet()
    for _ in 0..<256 { #expect(talk.send(option(3)).count > 20) }
    #expect(talk.end == nil)
    #expect(talk.send(option(3)) == [])
    #expect(talk.end == .tooManyOptions)
  }

  @Test func aServerThatEndsSaysSo() {
    var talk = Talk()
    _ = talk.greet()
    talk.session.isEnding = true
    #expect(type(of: talk.send(option(7, information("")))) == 0x8000_0007)
    #expect(talk.send(option(2)) == optionReply(2, 1))
    talk = Talk()
    _ = talk.greet()
    talk.session.isEnding = true
    #expect(talk.send(option(1)) == [])
    #expect(talk.end == .shutdown)
  }

  @Test func aHandshakeMayComeByteByByteOrAllAtOnce() {
    let bytes =
      big(3 as UInt32) + option(8) + option(3) + option(4)
      + option(10, metaContext("", ["base:allocation"]))
      + option(6, information("", [1, 2, 3])) + option(7, information(""))
      + request(3)
    var whole = Talk()
    let expected = whole.send([]) + whole.send(bytes)
    #expect(expected.suffix(16) == simple())
    for piece in [1, 3, 17] {
      var talk = Talk()
      talk.piece = piece
      #expect(talk.send([]) + talk.send(bytes) == expected)
    }
  }

  /// The type in an option reply.
  private func type(of reply: [UInt8]) -> UInt32 {
    guard reply.count >= 20 else { return 0 }
    return reply[12..<16].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
