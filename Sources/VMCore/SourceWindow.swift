// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// A part of a source, read through 64 KiB of memory, whatever its size.
///
/// Reading in order costs one read of the source for each window; anything
/// else costs one for each step.
struct SourceWindow: ~Copyable {
  static let size = 65_536

  /// How many bytes the part has.
  let count: UInt64
  private let base: UInt64
  private var buffer = ByteBuffer(count: size)
  private var start: UInt64 = 0
  private var filled: UInt64 = 0

  /// `count` bytes from `base` on, no more than the source has.
  init<Source: ByteSource & ~Copyable>(
    at base: UInt64,
    count: UInt64,
    of source: borrowing Source
  ) throws(LayoutError) {
    guard base <= source.byteCount, count <= source.byteCount - base else {
      throw .source(
        .endOfSource(offset: base, count: Int(clamping: count))
      )
    }
    self.base = base
    self.count = count
  }

  /// The byte at `offset`.
  @inline(__always)
  mutating func u8<Source: ByteSource & ~Copyable>(
    at offset: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> UInt8 {
    let place = try place(of: offset, 1, source)
    do throws(OutOfBounds) {
      return try ByteReader(buffer.bytes).u8(at: place)
    } catch { throw Self.end(offset, 1) }
  }

  /// The 16-bit number at `offset`.
  mutating func u16<Source: ByteSource & ~Copyable>(
    at offset: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> UInt16 {
    let place = try place(of: offset, 2, source)
    do throws(OutOfBounds) {
      return try ByteReader(buffer.bytes).u16(at: place)
    } catch { throw Self.end(offset, 2) }
  }

  /// The 32-bit number at `offset`.
  @inline(__always)
  mutating func u32<Source: ByteSource & ~Copyable>(
    at offset: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> UInt32 {
    let place = try place(of: offset, 4, source)
    do throws(OutOfBounds) {
      return try ByteReader(buffer.bytes).u32(at: place)
    } catch { throw Self.end(offset, 4) }
  }

  /// The 64-bit number at `offset`.
  mutating func u64<Source: ByteSource & ~Copyable>(
    at offset: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> UInt64 {
    let place = try place(of: offset, 8, source)
    do throws(OutOfBounds) {
      return try ByteReader(buffer.bytes).u64(at: place)
    } catch { throw Self.end(offset, 8) }
  }

  /// Where in the buffer the bytes from `offset` on are, which it reads if
  /// they are not there.
  @inline(__always)
  private mutating func place<Source: ByteSource & ~Copyable>(
    of offset: UInt64,
    _ size: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> Int {
    if offset >= start, offset &- start < filled,
      filled &- (offset &- start) >= size
    {
      return Int(offset &- start)
    }
    try load(offset, size, source)
    return 0
  }

  @inline(never)
  private mutating func load<Source: ByteSource & ~Copyable>(
    _ offset: UInt64,
    _ size: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) {
    filled = 0
    guard offset <= count, size <= count - offset else {
      throw Self.end(offset, Int(size))
    }
    let wanted = min(UInt64(Self.size), count - offset)
    let place = base + offset
    var bytes = buffer.mutableBytes
    var part = bytes._mutatingExtracting(0..<Int(wanted))
    do throws(SourceError) {
      try source.read(at: place, into: &part)
    } catch { throw .source(error) }
    start = offset
    filled = wanted
  }

  private static func end(_ offset: UInt64, _ count: Int) -> LayoutError {
    .source(.endOfSource(offset: offset, count: count))
  }
}
