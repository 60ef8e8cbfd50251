// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A block device whose requests a process answers.
public enum DeviceName: Equatable, Sendable {
  /// /dev/ublkbN.
  case ublk(UInt32)
  /// /dev/nbdN.
  case nbd(UInt32)

  private static let nbdBit: UInt32 = 1 << 31

  /// The device that a number stands for, as `code` gives it.
  public init(code: UInt32) {
    let number = code & ~Self.nbdBit
    self = code & Self.nbdBit == 0 ? .ublk(number) : .nbd(number)
  }

  /// One number for both: N, with the highest bit set for NBD.
  public var code: UInt32 {
    switch self {
    case .ublk(let number): number & ~Self.nbdBit
    case .nbd(let number): number | Self.nbdBit
    }
  }

  /// N.
  public var number: UInt32 { code & ~Self.nbdBit }

  /// Where it is.
  public var path: Path {
    switch self {
    case .ublk(let number): Path("/dev/ublkb\(number)")
    case .nbd(let number): Path("/dev/nbd\(number)")
    }
  }

  /// Where its queue's limits are.
  public var queue: Path {
    switch self {
    case .ublk(let number): Path("/sys/block/ublkb\(number)/queue")
    case .nbd(let number): Path("/sys/block/nbd\(number)/queue")
    }
  }
}
