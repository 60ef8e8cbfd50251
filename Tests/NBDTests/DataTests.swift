// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Memory
import Testing

@testable import NBD

@Suite struct DataTests {
  /// Ranges that lie in every way on blocks.
  static let ranges: [(UInt64, UInt32)] = [
    (0, 4096), (0, 1), (4095, 1), (4095, 2), (1, 4095), (1, 4096), (1, 4097),
    (512, 512), (100, 20000), (8192, 40960), (8191, 40962), (0, 262144),
    (262143, 1), (3, 262141), (4096, 100_000), (5000, 200_000),
  ]

  @Test(arguments: ranges)
  func whatIsWrittenAnywhereIsReadThere(offset: UInt64, length: UInt32) {
    let data = pattern(Int(length), seed: 77)
    for structured in [false, true] {
      for piece in [Int.max, 1000, 4096, 31] {
        var talk = Talk()
        talk.go(structured: structured)
        // Something lies there already.
        _ = talk.send(request(1, 0, 262144, pattern(262144)))
        talk.piece = piece
        #expect(talk.send(request(1, offset, length, data)) == simple())
        talk.piece = .max
        var expected = pattern(262144)
        let place = Int(offset)..<Int(offset) + Int(length)
        expected.replaceSubrange(place, with: data)
        #expect(talk.device.content == expected)
        let reply = talk.send(request(0, offset, length))
        #expect(
          payload(of: reply, structured, offset, Int(length)) == data
        )
      }
    }
  }

  @Test func unfragmentedReadsComeInOneChunk() {
    var talk = Talk()
    talk.bufferBytes = 65536 + 4096
    talk.go(structured: true)
    _ = talk.send(request(1, 0, 262144, pattern(262144)))
    // And no hole in between makes two of it.
    _ = talk.send(request(4, 8192, 4096))
    let reply = talk.send(request(0, flags: 4, 100, 65536))
    #expect(reply.count == 28 + 65536)
    #expect(
      Array(reply.dropFirst(28)) == Array(talk.device.content[100..<65636])
    )
  }

  @Test func zeroesAreWrittenAnywhere() {
    for (offset, length) in Self.ranges {
      for flags in [0, 2] as [UInt16] {
        var talk = Talk()
        talk.go()
        _ = talk.send(request(1, 0, 262144, pattern(262144)))
        #expect(talk.send(request(6, flags: flags, offset, length)) == simple())
        var expected = pattern(262144)
        let place = Int(offset)..<Int(offset) + Int(length)
        expected.replaceSubrange(
          place,
          with: [UInt8](repeating: 0, count: Int(length))
        )
        #expect(talk.device.content == expected)
      }
    }
  }

  @Test func fastZeroesAreWholeBlocks() {
    var talk = Talk()
    talk.go()
    _ = talk.send(request(1, 0, 262144, pattern(262144)))
    talk.device.calls = []
    #expect(talk.send(request(6, flags: 16, 4096, 8192)) == simple())
    #expect(talk.device.calls == ["zero 1+2"])
    // And what is refused is not begun.
    #expect(talk.send(request(6, flags: 16, 4096, 8191)) == simple(95))
    #expect(talk.device.calls == ["zero 1+2"])
  }

  @Test func trimForgetsWholeBlocksOnly() {
    var talk = Talk()
    talk.go()
    let all: UInt32 = 262144
    for (offset, length, calls) in [
      (0, all, ["discard 0+64"]), (1, all - 1, ["discard 1+63"]),
      (0, all - 1, ["discard 0+63"]), (4000, 5000, ["discard 1+1"]),
      (1, 4096, []), (4096, 4096, ["discard 1+1"]), (5, 6, []),
    ] as [(UInt64, UInt32, [String])] {
      talk.device.calls = []
      #expect(talk.send(request(4, offset, length)) == simple())
      #expect(talk.device.calls == calls)
    }
  }

  /// Otherwise the one who discards a terabyte keeps all others waiting.
  @Test func manyBlocksTakeMoreThanOneTurn() {
    for command in [4, 6] as [UInt16] {
      var talk = Talk(MemoryDevice(blocks: 10000))
      talk.go()
      #expect(talk.send(request(command, 0, 40_960_000)) == simple())
      #expect(talk.device.calls.count >= 4)
    }
  }

  @Test func aDamagedBlockIsAnErrorAndNeverData() {
    for structured in [false, true] {
      var talk = Talk()
      talk.go(structured: structured)
      _ = talk.send(request(1, 0, 262144, pattern(262144)))
      talk.device.damaged = [9]
      for (offset, length) in [
        (36864, 4096), (36865, 10), (0, 65536), (0, 262144), (40959, 1),
        (20000, 20000),
      ] as [(UInt64, UInt32)] {
        let reply = talk.send(request(0, offset, length))
        let place = max(offset, 36864)
        if structured {
          #expect(
            reply.suffix(48)
              == failure(5, "no copy is good", at: place).suffix(48)
          )
          // What came before was read before.
          #expect(reply.count < Int(length) + 4 * 28 + 100)
        } else {
          #expect(reply == simple(5))
        }
        #expect(talk.end == nil)
      }
      // A part of a damaged block cannot be changed; all of it can.
      let error = structured ? failure(5, "no copy is good") : simple(5)
      #expect(talk.send(request(1, 36865, 3, [1, 2, 3])) == error)
      #expect(talk.send(request(6, 36865, 3)) == error)
      #expect(talk.send(request(1, 36864, 4096, pattern(4096))) == simple())
    }
  }

  /// A simple reply's header promises all of its data.
  @Test func damageAfterTheHeaderIsTheEnd() {
    var talk = Talk()
    talk.go()
    _ = talk.send(request(1, 0, 262144, pattern(262144)))
    talk.device.damaged = [60]
    talk.device.grace = 1
    let reply = talk.send(request(0, 0, 262144))
    #expect(talk.end == .damagedMeanwhile)
    #expect(reply.count < 16 + 60 * 4096 + 1)
    #expect(reply == Array(simple(0, pattern(262144)).prefix(reply.count)))
  }

  @Test func aFullDeviceIsNoSpaceAndTheStreamGoesOn() {
    for structured in [false, true] {
      var talk = Talk()
      talk.go(structured: structured)
      talk.device.full = [5]
      #expect(
        talk.send(request(1, 0, 262144, pattern(262144)) + request(3))
          == (structured ? failure(28, "no frame is free") : simple(28))
          + simple()
      )
      #expect(talk.end == nil)
    }
  }

  @Test func cacheAnswersAndFlushReachesTheDevice() {
    var talk = Talk()
    talk.go()
    #expect(talk.send(request(5, 1, 262143)) == simple())
    #expect(talk.device.calls == [])
    #expect(talk.send(request(3)) == simple())
    #expect(talk.device.calls == ["flush"])
  }

  @Test func requestsInOnePieceAreAnsweredInTheirOrder() {
    var talk = Talk()
    talk.go()
    let data = pattern(8192)
    let bytes =
      request(1, cookie: 1, 4096, 8192, data) + request(3, cookie: 2)
      + request(0, cookie: 3, 4096, 8192) + request(9, cookie: 4)
      + request(4, cookie: 5, 0, 262144) + request(0, cookie: 6, 4096, 10)
    let expected =
      simple(cookie: 1) + simple(cookie: 2) + simple(0, cookie: 3, data)
      + simple(22, cookie: 4) + simple(cookie: 5)
      + simple(0, cookie: 6, [UInt8](repeating: 0, count: 10))
    #expect(talk.send(bytes) == expected)
  }

  @Test func statusTellsHolesFromData() {
    var talk = Talk()
    talk.go(context: true)
    _ = talk.send(request(1, 8192, 8192, pattern(8192)))
    #expect(
      talk.send(request(7, 0, 262144))
        == chunk(5, extents([(8192, 3), (8192, 0), (245_760, 3)]))
    )
    #expect(
      talk.send(request(7, flags: 8, 0, 262144))
        == chunk(5, extents([(8192, 3)]))
    )
    // In bytes, not in blocks.
    #expect(
      talk.send(request(7, 8000, 300))
        == chunk(5, extents([(192, 3), (108, 0)]))
    )
    #expect(
      talk.send(request(7, flags: 8, 16383, 1)) == chunk(5, extents([(1, 0)]))
    )
    #expect(
      talk.send(request(7, 262143, 1)) == chunk(5, extents([(1, 3)]))
    )
  }

  @Test func aLongStatusIsCutOffWhereTheReplyIs() {
    var talk = Talk(MemoryDevice(blocks: 2048))
    talk.go(context: true)
    for block in 0..<1024 {
      _ = talk.send(request(1, UInt64(block) * 8192, 4096, pattern(4096)))
    }
    let reply = talk.send(request(7, 0, 8 << 20))
    #expect(reply.count == 20 + 4 + 512 * 8)
    let pair = extents([(4096, 0), (4096, 3)]).dropFirst(4)
    #expect(Array(reply[24..<40]) == Array(pair))
    talk = Talk(MemoryDevice(blocks: 100_000))
    talk.go(context: true)
    #expect(
      talk.send(request(7, 0, 409_600_000))
        == chunk(5, extents([(16384 * 4096, 3)]))
    )
  }

  private func extents(_ list: [(UInt32, UInt32)]) -> [UInt8] {
    big(1 as UInt32) + list.flatMap { big($0.0) + big($0.1) }
  }

  /// The data of a reply to a read, out of all of its chunks.
  private func payload(
    of reply: [UInt8],
    _ structured: Bool,
    _ offset: UInt64,
    _ length: Int
  ) -> [UInt8] {
    guard structured else {
      #expect(Array(reply.prefix(16)) == simple())
      return Array(reply.dropFirst(16))
    }
    var data: [UInt8] = []
    var rest = reply[...]
    while rest.count >= 28 {
      let size =
        rest.dropFirst(16).prefix(4).reduce(0) { $0 << 8 | Int($1) } - 8
      let isLast = data.count + size == length
      #expect(
        rest.prefix(28).elementsEqual(
          chunk(
            1,
            isLast: isLast,
            big(offset + UInt64(data.count))
              + [UInt8](repeating: 0, count: size)
          ).prefix(28)
        )
      )
      data += rest.dropFirst(28).prefix(size)
      rest = rest.dropFirst(28 + size)
    }
    #expect(rest.isEmpty)
    return data
  }
}
