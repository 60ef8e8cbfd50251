// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A block device in old memory.
public enum DeviceName: Equatable, Sendable {
  /// /dev/ublkbN.
  case ublk(UInt32)
  /// /dev/nbdN.
  case nbd(UInt32)
  /// /dev/dm-N.
  case mapped(UInt32)

  private static let nbdBit: UInt32 = 1 << 31
  private static let mappedBit: UInt32 = 1 << 30

  /// The device that a number stands for, as `code` gives it.
  public init(code: UInt32) {
    let number = code & (Self.mappedBit - 1)
    if code & Self.nbdBit != 0 {
      self = .nbd(number)
    } else {
      self = code & Self.mappedBit == 0 ? .ublk(number) : .mapped(number)
    }
  }

  /// One number for all: N, with the highest bit set for NBD, and the next one
  /// for device-mapper.
  public var code: UInt32 {
    switch self {
    case .ublk: number
    case .nbd: number | Self.nbdBit
    case .mapped: number | Self.mappedBit
    }
  }

  /// N.
  public var number: UInt32 {
    switch self {
    case .ublk(let number), .nbd(let number), .mapped(let number):
      number & (Self.mappedBit - 1)
    }
  }

  /// Where it is.
  public var path: Path {
    switch self {
    case .ublk(let number): Path("/dev/ublkb\(number)")
    case .nbd(let number): Path("/dev/nbd\(number)")
    case .mapped(let number): Path("/dev/dm-\(number)")
    }
  }

  /// Where its queue's limits are.
  public var queue: Path {
    switch self {
    case .ublk(let number): Path("/sys/block/ublkb\(number)/queue")
    case .nbd(let number): Path("/sys/block/nbd\(number)/queue")
    case .mapped(let number): Path("/sys/block/dm-\(number)/queue")
    }
  }
}
