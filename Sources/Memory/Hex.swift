// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Hexadecimal text without Foundation and without allocation.
public enum Hex {
  /// The number that `digits` spell, at most 16 of them, with or without a
  /// leading `0x`; nil for anything else.
  public static func parse(_ digits: Span<UInt8>) -> UInt64? {
    var index = 0
    if digits.count > 2, digits[0] == 0x30, digits[1] | 0x20 == 0x78 {
      index = 2
    }
    guard (1...16).contains(digits.count - index) else { return nil }
    var number: UInt64 = 0
    while index < digits.count {
      guard let digit = nibble(digits[index]) else { return nil }
      number = number << 4 | UInt64(digit)
      index += 1
    }
    return number
  }

  /// The bytes that `digits` spell, two digits for each; nil for anything else.
  public static func bytes<let count: Int>(
    _ digits: Span<UInt8>
  ) -> InlineArray<count, UInt8>? {
    guard digits.count == 2 * count else { return nil }
    var bytes = InlineArray<count, UInt8>(repeating: 0)
    for index in 0..<digits.count {
      guard let digit = nibble(digits[index]) else { return nil }
      bytes[index / 2] = bytes[index / 2] << 4 | digit
    }
    return bytes
  }

  static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
