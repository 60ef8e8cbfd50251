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

  /// Takes partition `number` away, unless somebody has it open.
  ///
  /// The corresponding C function is `ioctl` with BLKPG_DEL_PARTITION.
  public func deletePartition(_ number: Int32) throws(Errno) {
    try succeed(om_delete_partition(self.number, number))
  }
}
