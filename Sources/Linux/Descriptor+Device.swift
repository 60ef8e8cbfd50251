// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

// What only devices and their drivers can do.

extension Descriptor {
  /// A block device's length in bytes.
  ///
  /// The corresponding C function is `ioctl` with BLKGETSIZE64.
  public func deviceByteCount() throws(Errno) -> UInt64 {
    var size: UInt64 = 0
    try succeed(unsafe om_device_size(number, &size))
    return size
  }

  /// Writes zeros to a part of a block device, in bytes and whole sectors.
  ///
  /// The corresponding C function is `ioctl` with BLKZEROOUT.
  public func zero(_ part: Range<UInt64>) throws(Errno) {
    let count = part.upperBound - part.lowerBound
    try succeed(om_zero_device(number, part.lowerBound, count))
  }

  /// Gives a driver's command a structure, which it reads and writes.
  ///
  /// The command's number says how long the structure is, and a shorter one is
  /// refused. The corresponding C function is `ioctl`.
  public func control(
    _ command: UInt32,
    _ structure: inout [UInt8]
  ) throws(Errno) {
    guard structure.count >= Int(command >> 16 & 0x3fff) else {
      throw .invalid
    }
    let number = number
    let result = unsafe structure.withUnsafeMutableBytes { buffer in
      // SAFETY: the driver reads and writes as much as the guard has seen.
      unsafe om_control(number, command, buffer.baseAddress)
    }
    try succeed(result)
  }
}
