// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Memory

@testable import NBD

/// Big-endian bytes of a number.
func big<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

/// One side of a conversation, with buffers as a connection has them: what a
/// client sends, in pieces of any size, and what it gets.
struct Talk: ~Copyable {
  var session: Session
  var device: MemoryDevice
  /// How many bytes come at a time.
  var piece = Int.max
  /// How many bytes the server's buffers have.
  var bufferBytes = 32768
  private(set) var end: Farewell?
  private var waiting: [UInt8] = []
  private var got: [UInt8] = []

  init(_ device: consuming MemoryDevice = MemoryDevice()) {
    session = Session(exportSize: device.byteCount)
    self.device = device
  }

  /// Sends bytes and gives back all that is answered.
  mutating func send(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    repeat {
      let step = min(piece, rest.count, bufferBytes - waiting.count)
      waiting += rest.prefix(step)
      rest = rest.dropFirst(step)
      turns()
    } while !rest.isEmpty && end == nil
    defer { got = [] }
    return got
  }

  /// Gives the session turns until it needs more from outside.
  private mutating func turns() {
    while end == nil {
      let need = turn()
      switch need {
      case .input: return
      case .room, .turn: continue
      case .end(let farewell): end = farewell
      }
    }
  }

  private mutating func turn() -> Session.Need {
    var used = 0
    var room = [UInt8](repeating: 0xee, count: bufferBytes)
    var input = waiting
    let (need, count) = advance(&input, &room, &used)
    waiting.removeFirst(used)
    got += room.prefix(count)
    return need
  }

  private mutating func advance(
    _ input: inout [UInt8],
    _ room: inout [UInt8],
    _ used: inout Int
  ) -> (Session.Need, Int) {
    var span = room.mutableSpan
    var bytes = span.mutableBytes
    var replies = Replies(&bytes)
    var source = input.mutableSpan
    var taken = source.mutableBytes
    let need = session.advance(&taken, used: &used, &replies, on: &device)
    return (need, replies.count)
  }

  /// Shakes hands up to the options.
  mutating func greet(flags: UInt32 = 3) -> [UInt8] {
    send([]) + send(big(flags))
  }

  /// Shakes hands up to the requests.
  mutating func go(structured: Bool = false, context: Bool = false) {
    _ = greet()
    if structured || context { _ = send(option(8)) }
    if context {
      _ = send(option(10, metaContext("", ["base:allocation"])))
    }
    _ = send(option(7, information("")))
  }
}

/// An option's bytes.
func option(_ number: UInt32, _ data: [UInt8] = []) -> [UInt8] {
  Array("IHAVEOPT".utf8) + big(number) + big(UInt32(data.count)) + data
}

/// The data of INFO and GO.
func information(_ name: String, _ items: [UInt16] = []) -> [UInt8] {
  big(UInt32(name.utf8.count)) + Array(name.utf8) + big(UInt16(items.count))
    + items.flatMap { big($0) }
}

/// The data of LIST_ and SET_META_CONTEXT.
func metaContext(_ name: String, _ queries: [String]) -> [UInt8] {
  big(UInt32(name.utf8.count)) + Array(name.utf8) + big(UInt32(queries.count))
    + queries.flatMap { big(UInt32($0.utf8.count)) + Array($0.utf8) }
}

/// An option reply's bytes.
func optionReply(
  _ option: UInt32,
  _ type: UInt32,
  _ data: [UInt8] = []
) -> [UInt8] {
  big(0x3_e889_0455_65a9 as UInt64) + big(option) + big(type)
    + big(UInt32(data.count)) + data
}

/// A request's bytes.
func request(
  _ command: UInt16,
  flags: UInt16 = 0,
  cookie: UInt64 = 0x1122_3344_5566_7788,
  _ offset: UInt64 = 0,
  _ length: UInt32 = 0,
  _ data: [UInt8] = []
) -> [UInt8] {
  big(0x2560_9513 as UInt32) + big(flags) + big(command) + big(cookie)
    + big(offset) + big(length) + data
}

/// A simple reply's bytes.
func simple(
  _ error: UInt32 = 0,
  cookie: UInt64 = 0x1122_3344_5566_7788,
  _ data: [UInt8] = []
) -> [UInt8] {
  big(0x6744_6698 as UInt32) + big(error) + big(cookie) + data
}

/// A chunk's bytes.
func chunk(
  _ type: UInt16,
  isLast: Bool = true,
  cookie: UInt64 = 0x1122_3344_5566_7788,
  _ data: [UInt8]
) -> [UInt8] {
  big(0x668e_33ef as UInt32) + big(UInt16(isLast ? 1 : 0)) + big(type)
    + big(cookie) + big(UInt32(data.count)) + data
}

/// An error chunk's bytes, with an offset where there is one.
func failure(
  _ error: UInt32,
  _ message: String,
  at offset: UInt64? = nil
) -> [UInt8] {
  chunk(
    offset == nil ? 0x8001 : 0x8002,
    big(error) + big(UInt16(message.utf8.count)) + Array(message.utf8)
      + (offset.map { big($0) } ?? [])
  )
}

/// Bytes that tell where they belong.
func pattern(_ count: Int, seed: Int = 1) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ seed) }
}
