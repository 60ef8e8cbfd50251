// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import Memory
public import VMCore

// The flattened format, for what cannot seek (makedumpfile's IMPLEMENTATION),
// numbers big-endian:
//
//   0     "makedumpfile", padded to 16   16  1 s64   24  1 s64
//   4096  offset s64   size s64   as many bytes
//         ...
//         -1           -1

/// Where a dump goes: a file, or a pipe that somebody makes a file of.
///
/// Several threads write to a file at once, each where nobody else does.
final class DumpFile: Sendable {
  let isFlat: Bool
  private let descriptor: Int32
  /// Of a flattened file, where a head and its bytes must follow one another.
  private let lock = NSLock()

  /// Makes a file, which must not be there unless it may be replaced; or, for
  /// "-", begins a flattened one on standard output.
  init(_ path: String, replaces: Bool) throws(DumpError) {
    guard path != "-" else {
      isFlat = true
      descriptor = STDOUT_FILENO
      guard isatty(descriptor) == 0 else { throw .terminal }
      var head = [UInt8](repeating: 0, count: 4096)
      for (index, byte) in "makedumpfile".utf8.enumerated() {
        head[index] = byte
      }
      (head[23], head[31]) = (1, 1)
      try send(head)
      return
    }
    isFlat = false
    let flags =
      O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL)
    // SAFETY: open reads the path, which outlives the call.
    descriptor = unsafe open(path, flags, 0o600)
    guard descriptor >= 0 else { throw .output(errno) }
  }

  deinit { if !isFlat { close(descriptor) } }

  /// Writes `bytes` at `offset`.
  func write(_ bytes: RawSpan, at offset: UInt64) throws(DumpError) {
    guard isFlat else { return try write(bytes, offset) }
    lock.lock()
    defer { lock.unlock() }
    var head = Self.bigEndian(offset)
    head += Self.bigEndian(UInt64(bytes.byteCount))
    try send(head)
    try send(bytes)
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(DumpError) {
    // SAFETY: bytes have no padding that could leak.
    let span = unsafe bytes.span.bytes
    try write(span, at: offset)
  }

  /// Makes room up to `count` bytes, all zero.
  func extend(to count: UInt64) throws(DumpError) {
    guard !isFlat else { return }
    guard ftruncate(descriptor, off_t(clamping: count)) == 0 else {
      throw .output(errno)
    }
  }

  /// Ends a flattened file.
  ///
  /// Nobody waits for a disk: the vmcore that the dump is of is still there.
  func end() throws(DumpError) {
    guard isFlat else { return }
    try send([UInt8](repeating: 0xff, count: 16))
  }

  private static func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }

  private func send(_ bytes: [UInt8]) throws(DumpError) {
    // SAFETY: bytes have no padding that could leak.
    let span = unsafe bytes.span.bytes
    try send(span)
  }

  private func send(_ bytes: RawSpan) throws(DumpError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: the kernel reads at most `count` bytes of the span.
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      rest = try Self.left(of: rest, count)
    }
  }

  private func write(_ bytes: RawSpan, _ offset: UInt64) throws(DumpError) {
    var rest = bytes
    while !rest.isEmpty {
      let place = off_t(offset) + off_t(bytes.byteCount - rest.byteCount)
      let count = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: as above.
        unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, place)
      }
      rest = try Self.left(of: rest, count)
    }
  }

  @_lifetime(copy bytes)
  private static func left(
    of bytes: RawSpan,
    _ count: Int
  ) throws(DumpError) -> RawSpan {
    if count > 0 { return bytes.extracting(droppingFirst: count) }
    guard count < 0, errno == EINTR else {
      throw .output(count == 0 ? EIO : errno)
    }
    return bytes
  }
}

/// Why a dump ended before its end.
public enum DumpError: Error, Equatable, Sendable {
  /// The output failed with this errno.
  case output(Int32)
  /// The output would be a terminal.
  case terminal
  /// The budget has no room for more than what a dump begins with: it must
  /// have at least so many bytes.
  case budget(atLeast: UInt64)
  /// There is no memory for a compressor.
  case noMemory
  /// The core file's own headers could not be read again.
  case core(CoreError)
}
