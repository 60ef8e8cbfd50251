// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Base64 without padding (RFC 4648).
enum Base64 {
  /// Adds the characters of these bytes.
  static func encode(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    var index = 0
    while index < bytes.count {
      let left = min(3, bytes.count - index)
      var group: UInt32 = 0
      for place in 0..<3 {
        let byte = place < left ? bytes[index + place] : 0
        group = group << 8 | UInt32(byte)
      }
      for place in 0...left {
        text.append(character(group >> UInt32(18 - 6 * place) & 63))
      }
      index += 3
    }
  }

  /// The bytes of these characters; nil where one of them is none, or there are
  /// too few for a byte.
  static func decode(_ text: [UInt8]) -> [UInt8]? {
    guard text.count % 4 != 1 else { return nil }
    var bytes = [UInt8]()
    bytes.reserveCapacity(text.count * 3 / 4)
    var group: UInt32 = 0
    var bits = 0
    for character in text {
      guard let value = value(of: character) else { return nil }
      group = group << 6 | value
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
      }
    }
    return bytes
  }

  /// What a character stands for; nil where it is none of base64's.
  static func value(of character: UInt8) -> UInt32? {
    switch character {
    case 0x41...0x5a: UInt32(character) - 0x41
    case 0x61...0x7a: UInt32(character) - 0x61 + 26
    case 0x30...0x39: UInt32(character) - 0x30 + 52
    case 0x2b: 62
    case 0x2f: 63
    default: nil
    }
  }

  private static func character(_ value: UInt32) -> UInt8 {
    switch value {
    case 0..<26: UInt8(value) + 0x41
    case 26..<52: UInt8(value) - 26 + 0x61
    case 52..<62: UInt8(value) - 52 + 0x30
    case 62: 0x2b
    default: 0x2f
    }
  }
}
