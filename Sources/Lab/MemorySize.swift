// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A size as QEMU and the kernel's command line spell it: `92M`, `2G`.
public struct MemorySize: Sendable, Equatable, Codable, CustomStringConvertible
{
  /// Whole mebibytes.
  public let mebibytes: Int

  /// A size in mebibytes.
  public init(mebibytes: Int) {
    self.mebibytes = mebibytes
  }

  /// Reads digits and a final M or G; nil for anything else, and for zero.
  public init?(_ text: String) {
    guard let unit = text.last, let number = Int(text.dropLast()),
      (1...1 << 20).contains(number)
    else { return nil }
    switch unit {
    case "M", "m": mebibytes = number
    case "G", "g": mebibytes = number << 10
    default: return nil
    }
  }

  /// The shortest spelling.
  public var description: String {
    mebibytes % 1024 == 0 ? "\(mebibytes >> 10)G" : "\(mebibytes)M"
  }

  /// The size in bytes.
  public var bytes: Int { mebibytes << 20 }

  /// Writes the shortest spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Reads what `encode` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let size = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "\(text) is not a size"
      )
    }
    self = size
  }
}
