// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Replies to a client, put one behind the other into a buffer of fixed size.
///
/// Whoever puts something has looked at `room`; what does not fit is a trap.
struct Replies: ~Copyable, ~Escapable {
  private var bytes: MutableRawSpan
  /// How many bytes are to be sent.
  private(set) var count: Int

  /// Goes on behind `count` bytes that are there already.
  @_lifetime(&bytes)
  init(_ bytes: inout MutableRawSpan, count: Int = 0) {
    self.bytes = bytes._mutatingExtracting(...)
    self.count = count
  }

  /// How many bytes can be put.
  var room: Int { bytes.byteCount &- count }

  /// How many bytes could be put if everything had been sent.
  var capacity: Int { bytes.byteCount }

  @_lifetime(self: copy self)
  @inline(__always)
  mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ number: T) {
    bytes.storeBytes(of: number.bigEndian, toByteOffset: count, as: T.self)
    count &+= MemoryLayout<T>.size
  }

  @_lifetime(self: copy self)
  mutating func put(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount {
      // SAFETY: below the text's count.
      put(unsafe text.utf8Start[index])
    }
  }

  /// Room for `size` bytes, `offset` bytes from where the next byte would be
  /// put; they are sent once `commit` has been called.
  @_lifetime(&self)
  mutating func reserve(_ size: Int, after offset: Int) -> MutableRawSpan {
    bytes._mutatingExtracting(count &+ offset..<count &+ offset &+ size)
  }

  @_lifetime(self: copy self)
  mutating func commit(_ size: Int) {
    precondition(size >= 0 && size <= room)
    count &+= size
  }
}

/// Replies to options.
extension Replies {
  @_lifetime(self: copy self)
  mutating func put(
    _ reply: OptionReply,
    to option: UInt32,
    dataCount: Int = 0
  ) {
    put(Magic.optionReply)
    put(option)
    put(reply.rawValue)
    put(UInt32(truncatingIfNeeded: dataCount))
  }

  @_lifetime(self: copy self)
  mutating func put(
    _ reply: OptionReply,
    to option: UInt32,
    _ message: StaticString
  ) {
    put(reply, to: option, dataCount: message.utf8CodeUnitCount)
    put(message)
  }
}

/// Replies to requests.
extension Replies {
  @_lifetime(self: copy self)
  mutating func putSimple(_ error: UInt32, cookie: UInt64) {
    put(Magic.simpleReply)
    put(error)
    put(cookie)
  }

  @_lifetime(self: copy self)
  mutating func put(
    _ chunk: Chunk,
    isLast: Bool,
    cookie: UInt64,
    dataCount: Int
  ) {
    put(Magic.chunk)
    put(isLast ? lastChunk : 0)
    put(chunk.rawValue)
    put(cookie)
    put(UInt32(truncatingIfNeeded: dataCount))
  }

  /// Answers with an error, in words where the client takes words.
  @_lifetime(self: copy self)
  mutating func put(
    _ refusal: Refusal,
    cookie: UInt64,
    at offset: UInt64?,
    isStructured: Bool
  ) {
    let error = refusal.error.rawValue
    guard isStructured else { return putSimple(error, cookie: cookie) }
    let message = refusal.message
    let count = 6 &+ message.utf8CodeUnitCount
    put(
      offset == nil ? .error : .errorOffset,
      isLast: true,
      cookie: cookie,
      dataCount: offset == nil ? count : count &+ 8
    )
    put(error)
    put(UInt16(truncatingIfNeeded: message.utf8CodeUnitCount))
    put(message)
    if let offset { put(offset) }
  }
}
