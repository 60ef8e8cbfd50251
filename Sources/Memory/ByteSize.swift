// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Sizes as people write them: `256M`, `1G`, `4096`.
public enum ByteSize {
  /// The number of bytes that `text` means; K, M, G and T are powers of 1024.
  ///
  /// Nil for anything else, and for what 64 bits do not hold.
  public static func parse(_ text: Span<UInt8>) -> UInt64? {
    var end = text.count
    guard end > 0 else { return nil }
    var shift: UInt64 = 0
    switch text[end - 1] | 0x20 {
    case 0x6b: shift = 10
    case 0x6d: shift = 20
    case 0x67: shift = 30
    case 0x74: shift = 40
    default: break
    }
    if shift > 0 { end -= 1 }
    guard (1...19).contains(end) else { return nil }
    var number: UInt64 = 0
    for index in 0..<end {
      guard case 0x30...0x39 = text[index] else { return nil }
      number = number * 10 + UInt64(text[index] - 0x30)
    }
    guard number <= UInt64.max >> shift else { return nil }
    return number << shift
  }
}
