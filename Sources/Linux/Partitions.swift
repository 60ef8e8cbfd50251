// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Parts of a block device that are devices of their own, known to the kernel
/// alone: nothing is written to the device, and nothing has to be read from it.
extension Descriptor {
  /// Makes partition `number` of this block device, which appears in devtmpfs
  /// before the call returns; `start` and `length` are bytes.
  ///
  /// The corresponding C function is `ioctl` with BLKPG_ADD_PARTITION.
  public func addPartition(
    _ number: Int32,
    start: UInt64,
    length: UInt64
  ) throws(Errno) {
    try succeed(om_add_partition(self.number, number, start, length))
  }

  /// Asks the driver behind the file for something, in a language of its own;
  /// the answer is in the same bytes.
  ///
  /// The corresponding C function is `ioctl`.
  public func control(
    _ request: UInt32,
    _ bytes: inout [UInt8]
  ) throws(Errno) {
    let number = number
    var span = bytes.mutableSpan
    try succeed(
      unsafe span.withUnsafeMutableBufferPointer { buffer in
        // SAFETY: the length of what the request takes is the caller's to
        // know; our requests carry it in their own bytes.
        unsafe om_ioctl(number, request, buffer.baseAddress)
      }
    )
  }

  /// Takes partition `number` away, unless somebody has it open.
  ///
  /// The corresponding C function is `ioctl` with BLKPG_DEL_PARTITION.
  public func deletePartition(_ number: Int32) throws(Errno) {
    try succeed(om_delete_partition(self.number, number))
  }
}
