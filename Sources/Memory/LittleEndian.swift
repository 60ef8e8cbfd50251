// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension MutableSpan where Element == UInt8 {
  /// Puts the number's bytes at `offset`, the lowest first.
  ///
  /// What does not fit is a trap: offsets come from a format's own table.
  @inlinable
  public mutating func store<T: FixedWidthInteger>(
    _ number: T,
    at offset: Int
  ) {
    for index in 0..<(T.bitWidth / 8) {
      self[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
    }
  }
}
