// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Rescue

// How something is sent to `oldmem receive` over a connection, by who has the
// same key. Numbers are little-endian.
//
//      receiver   hello    8 OLDMEMH1, 32 random bytes
//      sender     answer   8 OLDMEMA1, 32 random bytes, 32 the sender's proof
//      receiver   proof    32 the receiver's
//      sender     records  of the kinds below, sealed (Seal.swift)
//      receiver   receipt  a record: 4 and the file's bytes
//
// Proofs and the keys that seal are made of the key and of what both have drawn
// (StreamKey.swift): what was recorded of one connection is worth nothing in
// another, even where the capture kernel has poor randomness, for the receiver's
// is fresh. What a record's content begins with says which it is:
//
//      1  1 kind: 1 log, 2 dump; then a name, 64 bytes at most. The first one
//      2  8 where in the file; then the bytes that are there, 16 KiB at most
//      3  1 whether it is all; 8 the file's bytes. The last one

/// What is sent.
public enum StreamKind: UInt8, Sendable {
  /// The kernel's log.
  case log = 1
  /// A filtered dump.
  case dump = 2
}

/// Both directions of a connection.
public protocol ByteChannel: ByteSink, ~Copyable {
  /// Takes as many bytes as there is room for; false where they do not come in
  /// time, or the other end has gone.
  mutating func fill(_ bytes: inout MutableRawSpan) -> Bool
}

/// Why a sealed stream did not begin, or ended early.
public enum StreamError: Error, Equatable, Sendable {
  /// The connection was closed or nothing came in time.
  case silent
  /// What was said first is not what the other side says.
  case notOurs
  /// The other side has another key.
  case otherKey
  /// A record is not the one whose turn it was, as it was sealed.
  case damaged
  /// A record that was sealed makes no sense.
  case malformed
  /// The file is larger than whoever receives it allows.
  case tooLarge
  /// What was received is not what was sent, or could not be kept.
  case notStored
}

enum Greeting {
  static let hello: StaticString = "OLDMEMH1"
  static let answer: StaticString = "OLDMEMA1"

  static func bytes(
    _ magic: StaticString,
    _ rest: InlineArray<32, UInt8>
  ) -> [UInt8] {
    var bytes = [UInt8]()
    magic.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: [UInt8](rest))
    return bytes
  }

  static func begins(_ bytes: [UInt8], with magic: StaticString) -> Bool {
    magic.withUTF8Buffer { letters in
      for index in letters.indices {
        guard unsafe bytes[index] == letters[index] else { return false }
      }
      return true
    }
  }

  /// The 32 bytes from `start` on.
  static func part(_ bytes: [UInt8], at start: Int) -> InlineArray<32, UInt8> {
    InlineArray<32, UInt8> { bytes[start + $0] }
  }

  /// In the same time whatever differs.
  static func agree(
    _ a: InlineArray<32, UInt8>,
    _ b: InlineArray<32, UInt8>
  ) -> Bool {
    var differs: UInt8 = 0
    for index in 0..<32 { differs |= a[index] ^ b[index] }
    return differs == 0
  }
}

extension ByteChannel where Self: ~Copyable {
  @inline(never)
  mutating func take(_ count: Int) throws(StreamError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    guard fill(&raw) else { throw .silent }
    return bytes
  }

  mutating func give(_ bytes: [UInt8]) throws(StreamError) {
    let span = bytes.span
    // SAFETY: bytes have no padding that could leak.
    guard write(unsafe span.bytes) else { throw .silent }
  }
}
