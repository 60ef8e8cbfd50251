// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Physical memory in which only what is not zero takes space.
///
/// Pages that were filled alike share their bytes until one of them is
/// written to, so the memory map of a machine of 64 GiB stays cheap.
struct SparseMemory: Sendable {
  private(set) var frames: [UInt64: [UInt8]] = [:]

  private static let zeroes = [UInt8](repeating: 0, count: Frame.size)

  /// Lets `frame` hold `bytes`, 4096 of them, shared with whoever holds them.
  mutating func fill(_ frame: UInt64, with bytes: [UInt8]) {
    precondition(bytes.count == Frame.size)
    frames[frame] = bytes
  }

  /// Writes `bytes` from the physical address `address` on.
  mutating func store(_ bytes: [UInt8], at address: UInt64) {
    var done = 0
    while done < bytes.count {
      let place = address + UInt64(done)
      let start = Int(place % UInt64(Frame.size))
      let count = min(Frame.size - start, bytes.count - done)
      frames[place >> Frame.shift, default: Self.zeroes].replaceSubrange(
        start..<(start + count),
        with: bytes[done..<(done + count)]
      )
      done += count
    }
  }

  /// Writes a little-endian 64-bit number.
  mutating func store64(_ number: UInt64, at address: UInt64) {
    store(littleEndian(number), at: address)
  }

  /// Reads a little-endian 64-bit number.
  func load64(at address: UInt64) -> UInt64 {
    (0..<8).reduce(0) { number, index in
      let place = address + UInt64(index)
      let byte = frames[place >> Frame.shift]?[Int(place & 0xfff)] ?? 0
      return number | UInt64(byte) << UInt64(8 * index)
    }
  }

  /// Copies `count` bytes from `address` on to `offset` of `bytes`.
  func copy(
    _ address: UInt64,
    count: Int,
    into bytes: inout MutableRawSpan,
    at offset: Int
  ) {
    var done = 0
    while done < count {
      let place = address + UInt64(done)
      let start = Int(place % UInt64(Frame.size))
      let part = min(Frame.size - start, count - done)
      let frame = frames[place >> Frame.shift] ?? Self.zeroes
      copyBytes(frame, start..<(start + part), into: &bytes, at: offset + done)
      done += part
    }
  }
}

/// Copies the bytes of `source` in `range` to `offset` of `bytes`.
func copyBytes(
  _ source: [UInt8],
  _ range: Range<Int>,
  into bytes: inout MutableRawSpan,
  at offset: Int
) {
  precondition(range.lowerBound >= 0 && range.upperBound <= source.count)
  precondition(offset >= 0 && offset <= bytes.byteCount - range.count)
  // SAFETY: the preconditions keep both ends inside their buffers, which
  // belong to different owners and so do not overlap.
  unsafe bytes.withUnsafeMutableBytes { target in
    unsafe source.withUnsafeBytes { source in
      let part = unsafe UnsafeRawBufferPointer(rebasing: source[range])
      let place = unsafe UnsafeMutableRawBufferPointer(
        rebasing: target[offset..<(offset + range.count)]
      )
      unsafe place.copyMemory(from: part)
    }
  }
}

/// The eight bytes of a number as x86 stores them.
func littleEndian<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
  (0..<(T.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}
