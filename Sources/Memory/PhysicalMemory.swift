// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Why bytes of a source could not be had.
public enum SourceError: Error, Equatable, Sendable {
  /// The source ends before `offset + count`.
  case endOfSource(offset: UInt64, count: Int)
  /// The kernel refused the read at `offset` with this errno.
  case failed(offset: UInt64, errno: Int32)
}

/// Bytes by offset: /proc/vmcore, a file, or memory that a test built.
public protocol ByteSource: ~Copyable {
  /// The source's length in bytes.
  var byteCount: UInt64 { get }

  /// Fills all of `bytes` from `offset` on, or throws and leaves them
  /// unspecified.
  func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError)
}

/// Why physical memory could not be read.
public enum MemoryError: Error, Equatable, Sendable {
  /// No PT_LOAD covers the address.
  case notCovered(PhysicalAddress)
  /// The source behind the address failed.
  case source(PhysicalAddress, SourceError)
}

/// The crashed machine's memory, to be read by physical address.
public protocol PhysicalMemory: ~Copyable {
  /// Fills all of `bytes` from `address` on, or throws and leaves them
  /// unspecified.
  func read(
    _ address: PhysicalAddress,
    into bytes: inout MutableRawSpan
  ) throws(MemoryError)
}
