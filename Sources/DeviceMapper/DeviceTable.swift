// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What one call of device-mapper's takes (include/uapi/linux/dm-ioctl.h):
//
//       0  u32 x 3   version of the interface
//      12  u32       bytes of all of it
//      16  u32       where the targets begin: 312
//      20  u32       how many targets
//      28  u32       flags
//      40  u64       the device's number, an answer
//      48  [128]     the device's name
//     176  [129]     its UUID, not used
//     312            the targets, one after another, at multiples of 8:
//
//       0  u64       the first sector of the target in the device
//       8  u64       its sectors
//      20  u32       bytes from this target to the next
//      24  [16]      what it is: linear, integrity, mirror
//      40            its parameters, as text, ended by a NUL

public import Linux
internal import Memory

/// What a device is put together of: stretches of sectors, in order.
public struct DeviceTable: Sendable {
  /// The device's name.
  public let name: Path
  var bytes: [UInt8]
  /// How many targets it has.
  public private(set) var targets: UInt32 = 0
  /// How many sectors of 512 bytes all targets have.
  public private(set) var sectors: UInt64 = 0

  static let headerSize = 312
  private static let targetSize = 40

  /// An empty table for a device of that name, of 127 bytes at most.
  public init(of name: Path) {
    self.name = name
    bytes = [UInt8](repeating: 0, count: Self.headerSize)
    put(0, UInt32(4))
    put(12, UInt32(Self.headerSize))
    put(16, UInt32(Self.headerSize))
    for (index, byte) in name.name.prefix(127).enumerated() {
      bytes[48 + index] = byte
    }
  }

  /// Makes room for so many targets with short parameters.
  public mutating func reserve(targets: Int) {
    bytes.reserveCapacity(Self.headerSize + targets * (Self.targetSize + 40))
  }

  /// Appends a target of so many sectors; `type` has 15 bytes at most.
  public mutating func append(
    _ type: StaticString,
    sectors count: UInt64,
    _ parameters: Line
  ) {
    let start = bytes.count
    let text = parameters.count + 1
    let size = (Self.targetSize + text + 7) / 8 * 8
    bytes.append(contentsOf: repeatElement(0, count: size))
    put(start, sectors)
    put(start + 8, count)
    put(start + 20, UInt32(size))
    type.withUTF8Buffer { name in
      for index in name.indices {
        unsafe bytes[start + 24 + index] = name[index]
      }
    }
    let spelled = parameters.text
    for index in spelled.indices {
      bytes[start + Self.targetSize + index] = spelled[index]
    }
    targets += 1
    sectors += count
    put(12, UInt32(bytes.count))
    put(20, targets)
  }

  /// Stretches of another device: `count` sectors of it from `first` on.
  public mutating func append(
    linear device: DeviceNumber,
    first: UInt64,
    sectors count: UInt64
  ) {
    append("linear", sectors: count, "\(device.text) \(first)")
  }

  private mutating func put<Number: FixedWidthInteger>(
    _ offset: Int,
    _ number: Number
  ) {
    var span = bytes.mutableSpan
    span.store(number, at: offset)
  }
}
