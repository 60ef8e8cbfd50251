// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// What a disk is prepared with and a setting repeats, 16 random bytes: a disk
/// without a file system may still hold somebody's database.
public struct RescueID: Equatable, Sendable {
  /// Its bytes.
  public var bytes: InlineArray<16, UInt8>

  /// Takes an ID that stands somewhere.
  public init(bytes: InlineArray<16, UInt8>) { self.bytes = bytes }

  /// Reads 32 hexadecimal digits; nil for anything else.
  public init?(_ text: Span<UInt8>) {
    guard let bytes: InlineArray<16, UInt8> = Hex.bytes(text) else {
      return nil
    }
    self.bytes = bytes
  }

  /// Whether both are the same.
  public static func == (a: Self, b: Self) -> Bool {
    for index in 0..<16 where a.bytes[index] != b.bytes[index] { return false }
    return true
  }
}
