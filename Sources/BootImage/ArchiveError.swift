// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What is wrong with an archive.
///
/// `at` is the offset in the unpacked stream: of the entry's header, or of
/// the header's field.
public enum ArchiveError: Error, Equatable, Sendable {
  /// There is no newc magic (070701 or 070702) where an entry begins.
  case notNewc(at: UInt64)
  /// A header's field is not eight hexadecimal digits.
  case badNumber(at: UInt64)
  /// An entry does not begin at a multiple of four.
  case misaligned(at: UInt64)
  /// The name's length is 0 or above PATH_MAX.
  case nameLength(at: UInt64, UInt32)
  /// The name is empty, or not ended by its NUL.
  case badName(at: UInt64)
  /// The name is absolute or has a `..`.
  case unsafeName(at: UInt64)
  /// The mode names no kind of file that there is.
  case unknownKind(at: UInt64, mode: UInt32)
  /// Something that is neither a file nor a link brings data.
  case unexpectedData(at: UInt64, size: UInt32)
  /// A symbolic link's target is longer than PATH_MAX, or has a NUL inside.
  case badTarget(at: UInt64, size: UInt32)
  /// The entry would pass the end that the stream is known to have.
  case tooLarge(at: UInt64, size: UInt32)
  /// More hard links than the table may hold.
  case tooManyLinks(at: UInt64)
  /// The data do not add up to the sum of a 070702 header.
  case wrongSum(at: UInt64)
  /// The stream ends within the entry that begins here.
  case truncated(at: UInt64)
  /// Something that is neither an entry nor padding.
  case junk(at: UInt64)
  /// The sink could not take the entry.
  case sink(at: UInt64, SinkError)
}
