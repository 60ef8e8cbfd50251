// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// What a frontend serves: 4096-byte blocks by number.
///
/// A call is answered when it returns: what was written is then what a read
/// gives, so `flush` has nothing left to do in memory. One caller at a time.
public protocol BlockDevice: ~Copyable {
  /// How many blocks of 4096 bytes the device has.
  var blockCount: UInt32 { get }

  /// Fills `bytes`, which are exactly as long as `blocks`.
  ///
  /// When it throws, the bytes of the block at fault are zero and those after
  /// it are unspecified: the request as a whole has failed.
  mutating func read(
    _ blocks: BlockRange,
    into bytes: inout MutableRawSpan
  ) throws(StoreError)

  /// Stores `bytes`, which are exactly as long as `blocks`.
  ///
  /// The caller's buffer must be private and still: what is hashed and what
  /// is stored are read from it one after the other. When it throws, the
  /// blocks before the one at fault are stored and the others are as before.
  mutating func write(
    _ blocks: BlockRange,
    from bytes: RawSpan
  ) throws(StoreError)

  /// Forgets what `blocks` held; a read then gives zeroes.
  mutating func discard(_ blocks: BlockRange) throws(StoreError)

  /// Makes `blocks` all zero.
  mutating func writeZeroes(_ blocks: BlockRange) throws(StoreError)

  /// Waits until all that was written is stored.
  mutating func flush() throws(StoreError)

  /// What the device has at the front of `blocks`, which are not none and all
  /// its own.
  func extent(of blocks: BlockRange) -> BlockExtent
}

/// Blocks side by side that are all holes, or all not.
public struct BlockExtent: Equatable, Sendable {
  /// How many blocks there are, one at least.
  public var count: UInt32
  /// Whether they hold nothing, take no frame and read as zeroes.
  public var isHole: Bool

  /// Makes an extent of so many blocks.
  @inlinable
  public init(count: UInt32, isHole: Bool) {
    self.count = count
    self.isHole = isHole
  }
}

extension BlockDevice where Self: ~Copyable {
  /// All of `blocks`, as no hole: a device that does not know says so.
  @inlinable
  public func extent(of blocks: BlockRange) -> BlockExtent {
    BlockExtent(count: blocks.count, isHole: false)
  }
}

extension BlockDevice where Self: ~Copyable {
  /// How many bytes the device has.
  @inlinable
  public var byteCount: UInt64 { UInt64(blockCount) * UInt64(Frame.size) }
}
