// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// A part of a core file.
public enum CorePart: UInt8, Sendable {
  /// The ELF header.
  case header
  /// The table of program headers.
  case programHeaders
  /// The notes.
  case notes
}

extension CoreError {
  /// A decoder that ran past the bytes of `part`, which begin at `base`.
  init(_ part: CorePart, at base: UInt64, _ error: OutOfBounds) {
    let offset = UInt64(clamping: error.offset)
    self = .unreadable(
      part,
      .endOfSource(offset: base &+ offset, count: error.size)
    )
  }
}

extension ByteSource where Self: ~Copyable {
  /// Fills the whole of `bytes` from `offset` on.
  func read(
    _ part: CorePart,
    at offset: UInt64,
    into bytes: inout ByteBuffer
  ) throws(CoreError) {
    var raw = bytes.mutableBytes
    do throws(SourceError) {
      try read(at: offset, into: &raw)
    } catch {
      throw .unreadable(part, error)
    }
  }

  /// The 32-bit number at `offset`.
  func u32(_ part: CorePart, at offset: UInt64) throws(CoreError) -> UInt64 {
    var bytes = ByteBuffer(count: 4)
    try read(part, at: offset, into: &bytes)
    do throws(OutOfBounds) {
      return UInt64(try ByteReader(bytes.bytes).u32(at: 0))
    } catch {
      throw CoreError(part, at: offset, error)
    }
  }
}
