// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a disk is prepared with and a setting repeats, 16 random bytes: a disk
/// without a file system may still hold somebody's database.
public struct RescueID: Equatable, Sendable {
  /// Its bytes.
  public var bytes: InlineArray<16, UInt8>

  /// Takes an ID that stands somewhere.
  public init(bytes: InlineArray<16, UInt8>) { self.bytes = bytes }

  /// Reads 32 hexadecimal digits; nil for anything else.
  public init?(_ text: Span<UInt8>) {
    guard text.count == 32 else { return nil }
    var found = InlineArray<16, UInt8>(repeating: 0)
    for index in 0..<32 {
      let digit: UInt8
      switch text[index] {
      case 0x30...0x39: digit = text[index] - 0x30
      case 0x41...0x46: digit = text[index] - 0x37
      case 0x61...0x66: digit = text[index] - 0x57
      default: return nil
      }
      found[index / 2] = found[index / 2] << 4 | digit
    }
    bytes = found
  }

  /// Whether both are the same.
  public static func == (a: Self, b: Self) -> Bool {
    for index in 0..<16 where a.bytes[index] != b.bytes[index] { return false }
    return true
  }
}
