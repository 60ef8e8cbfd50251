// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Why the store could not be made, or could not answer.
public enum StoreError: Error, Equatable, Sendable {
  /// No store has this shape: 1 to 4 copies, at most 2^28 slots in all.
  case shape(blocks: UInt32, copies: Int, slotsPerShelf: UInt32)
  /// The memory given for the tables is `given` bytes, not `needed`.
  case regionTooSmall(needed: Int, given: Int)
  /// The memory given for the tables does not start on 8 bytes.
  case regionMisaligned
  /// The region is not that of a store with this shape and seed.
  case notThisStore
  /// There are `given` slots behind the store, not `needed`.
  case framesTooFew(needed: UInt32, given: UInt32)
  /// The request goes beyond the device's last block (EINVAL).
  case outOfRange(BlockRange)
  /// The request's buffer has `byteCount` bytes: not what the blocks hold
  /// (EINVAL).
  case bufferMismatch(BlockRange, byteCount: Int)
  /// All copies of the block are damaged (EIO); the buffer holds none of
  /// their bytes.
  case damaged(BlockNumber)
  /// No shelf has a frame left for the block (ENOSPC), which stays as it was.
  case full(BlockNumber)
}
