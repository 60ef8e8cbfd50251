// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A read that would have left the bytes that are there.
public struct OutOfBounds: Error, Equatable, Sendable {
  /// The first byte that was asked for.
  public let offset: Int
  /// How many bytes were asked for.
  public let size: Int
  /// How many bytes there are.
  public let count: Int

  /// Says which bytes were asked for, and how many there are.
  @inlinable
  public init(offset: Int, size: Int, count: Int) {
    self.offset = offset
    self.size = size
    self.count = count
  }
}

/// Little-endian fields out of bytes that nobody vouches for.
///
/// Every load in oldmem that turns bytes of a crashed machine into a number
/// goes through here, so bounds are checked in one place.
public struct ByteReader: ~Escapable {
  @usableFromInline
  let bytes: RawSpan

  /// Reads from `bytes`, whose first byte is offset 0.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) { self.bytes = bytes }

  /// How many bytes can be read.
  @inlinable
  public var count: Int { bytes.byteCount }

  /// The byte at `offset`.
  @inlinable
  public func u8(at offset: Int) throws(OutOfBounds) -> UInt8 {
    try load(at: offset, as: UInt8.self)
  }

  /// The 16-bit number at `offset`.
  @inlinable
  public func u16(at offset: Int) throws(OutOfBounds) -> UInt16 {
    try load(at: offset, as: UInt16.self)
  }

  /// The 32-bit number at `offset`.
  @inlinable
  public func u32(at offset: Int) throws(OutOfBounds) -> UInt32 {
    try load(at: offset, as: UInt32.self)
  }

  /// The 64-bit number at `offset`.
  @inlinable
  public func u64(at offset: Int) throws(OutOfBounds) -> UInt64 {
    try load(at: offset, as: UInt64.self)
  }

  /// `count` bytes from `offset` on.
  @inlinable
  @_lifetime(copy self)
  public func slice(at offset: Int, count: Int) throws(OutOfBounds) -> RawSpan {
    guard offset >= 0, count >= 0, offset <= bytes.byteCount - count else {
      throw OutOfBounds(offset: offset, size: count, count: bytes.byteCount)
    }
    return bytes.extracting(offset..<(offset + count))
  }

  @inlinable
  func load<T: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int,
    as type: T.Type
  ) throws(OutOfBounds) -> T {
    let size = MemoryLayout<T>.size
    guard offset >= 0, offset <= bytes.byteCount - size else {
      throw OutOfBounds(offset: offset, size: size, count: bytes.byteCount)
    }
    // SAFETY: the guard keeps the whole of T inside the span, and every bit
    // pattern is a valid fixed-width integer.
    return T(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(
        fromByteOffset: offset,
        as: type
      )
    )
  }
}
