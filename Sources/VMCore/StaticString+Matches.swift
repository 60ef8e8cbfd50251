// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension StaticString {
  /// Whether the literal is exactly `bytes`.
  ///
  /// Keys are compared as bytes: comparing Strings would bring the Unicode
  /// tables into the daemon.
  func matches(_ bytes: Span<UInt8>) -> Bool {
    guard hasPointerRepresentation, bytes.count == utf8CodeUnitCount else {
      return false
    }
    for index in bytes.indices {
      // SAFETY: index is below utf8CodeUnitCount, and the guard made sure
      // that the literal is stored as bytes.
      let byte = unsafe utf8Start[index]
      guard byte == bytes[index] else { return false }
    }
    return true
  }
}

extension StaticString {
  /// Whether both literals are the same bytes.
  func equals(_ other: StaticString) -> Bool {
    let count = other.utf8CodeUnitCount
    guard hasPointerRepresentation, other.hasPointerRepresentation,
      count == utf8CodeUnitCount
    else { return false }
    for index in 0..<count {
      // SAFETY: index is below both counts, and both literals are stored as
      // bytes.
      let isSame = unsafe utf8Start[index] == other.utf8Start[index]
      guard isSame else { return false }
    }
    return true
  }
}
