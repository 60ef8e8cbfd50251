// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CSeal
internal import Memory

// A record of a sealed stream. Numbers are little-endian.
//
//      0  4  L, the bytes that are sealed: 1 to 16,393
//      4  L  sealed by ChaCha20-Poly1305 (RFC 8439)
//    4+L 16  the tag, of L too
//
// The nonce is four zeroes and the record's number, 8 bytes, which counts from 0
// and is not sent: a record that is left out, repeated or moved has another one.

/// Closes or opens the records of one direction, one after another.
struct Seal {
  static let headSize = 4
  static let tagSize = 16
  /// The most bytes that a record seals: a piece's head, and 16 KiB.
  static let most = 9 + 16384

  private let key: InlineArray<32, UInt8>
  private var number: UInt64 = 0

  init(_ key: InlineArray<32, UInt8>) { self.key = key }

  /// Makes a record out of what it has room for: four bytes of head, the content
  /// and sixteen bytes of tag.
  mutating func close(_ record: inout [UInt8]) {
    let count = record.count - Self.headSize - Self.tagSize
    precondition((1...Self.most).contains(count))
    var span = record.mutableSpan
    span.store(UInt32(count), at: 0)
    let number = number
    unsafe key.span.withUnsafeBufferPointer { key in
      unsafe record.withUnsafeMutableBufferPointer { bytes in
        // SAFETY: head, content and tag are within the array, one behind the
        // other, as counted above; the key has 32 bytes.
        guard let head = bytes.baseAddress else { return }
        let content = unsafe head + Self.headSize
        unsafe seal_close(
          key.baseAddress,
          number,
          head,
          Self.headSize,
          content,
          count,
          content + count
        )
      }
    }
    self.number += 1
  }

  /// Opens a record where it is; false where it is not the one whose turn it is,
  /// as it was made.
  mutating func open(_ record: inout [UInt8]) -> Bool {
    let count = record.count - Self.headSize - Self.tagSize
    guard count > 0 else { return false }
    let number = number
    var isSound = false
    unsafe key.span.withUnsafeBufferPointer { key in
      unsafe record.withUnsafeMutableBufferPointer { bytes in
        // SAFETY: as above.
        guard let head = bytes.baseAddress else { return }
        let content = unsafe head + Self.headSize
        isSound =
          unsafe seal_open(
            key.baseAddress,
            number,
            head,
            Self.headSize,
            content,
            count,
            content + count
          ) == 1
      }
    }
    self.number += 1
    return isSound
  }

  /// How many bytes a record has, by its head; nil where none is so long.
  static func size(_ head: Span<UInt8>) -> Int? {
    var count = 0
    for index in 0..<headSize { count |= Int(head[index]) << (8 * index) }
    return (1...most).contains(count) ? headSize + count + tagSize : nil
  }
}
