// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Why a part could not be read.
public enum PartError: Error, Equatable, Sendable {
  /// There is no such part.
  case missing
  /// A system call failed with this errno.
  case failed(errno: Int32)
}

/// Where the parts of stage two come from, one after another.
public protocol PartSource: ~Copyable {
  /// Opens a part for reading.
  ///
  /// The part before is not read any more: close it, and its memory is free if
  /// it was unlinked when it was opened. After the last part the one after it
  /// is asked for once and must be `missing`.
  mutating func open(_ part: UInt32) throws(PartError)

  /// Fills the beginning of `bytes` with what comes next in the open part, and
  /// says how many bytes that were: 0 at its end.
  mutating func read(
    into bytes: inout MutableSpan<UInt8>
  ) throws(PartError) -> Int
}
