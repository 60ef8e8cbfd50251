// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The number by which the kernel knows a device.
public struct DeviceNumber: Equatable, Sendable {
  /// The driver's part.
  public let major: UInt32
  /// The device's part.
  public let minor: UInt32

  /// A device's number by its parts.
  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// A number as the kernel hands it out in 64 bits: new_encode_dev in
  /// include/linux/kdev_t.h.
  public init(encoded number: UInt64) {
    major = UInt32(truncatingIfNeeded: number >> 8 & 0xfff)
    minor = UInt32(truncatingIfNeeded: number & 0xff | number >> 12 & 0xfff00)
  }

  /// `MAJOR:MINOR`.
  public var text: Line { "\(major):\(minor)" }

  /// What a file of sysfs such as /sys/block/NAME/dev says; nil where it says
  /// something else.
  public init?(_ text: Span<UInt8>) {
    var numbers = InlineArray<2, UInt32>(repeating: 0)
    var part = 0
    var digits = 0
    for index in text.indices {
      let byte = text[index]
      if byte == 0x0a { break }
      if byte == 0x3a, part == 0, digits > 0 {
        part = 1
        digits = 0
        continue
      }
      guard (0x30...0x39).contains(byte), digits < 7 else { return nil }
      numbers[part] = numbers[part] * 10 + UInt32(byte - 0x30)
      digits += 1
    }
    guard part == 1, digits > 0 else { return nil }
    self.init(major: numbers[0], minor: numbers[1])
  }
}
