// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// The number of a logical block: its byte offset on the device over 4096.
public struct BlockNumber: Equatable, Comparable, Sendable {
  /// The block's place, counted from zero.
  public var value: UInt32

  /// Makes a block number out of a count of 4096-byte blocks.
  @inlinable
  public init(_ value: UInt32) { self.value = value }

  /// Orders blocks by where they lie on the device.
  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// Blocks that follow one another on a device.
public struct BlockRange: Equatable, Sendable {
  /// The first block.
  public var start: BlockNumber
  /// How many blocks there are.
  public var count: UInt32

  /// Makes the range of `count` blocks from `start` on.
  @inlinable
  public init(start: BlockNumber, count: UInt32) {
    self.start = start
    self.count = count
  }

  /// The blocks of a request in bytes, or nil when it is not made of whole
  /// blocks or lies beyond 2^32 of them.
  @inlinable
  public init?(byteOffset: UInt64, byteCount: UInt64) {
    let size = UInt64(Frame.size)
    guard byteOffset % size == 0, byteCount % size == 0,
      let start = UInt32(exactly: byteOffset / size),
      let count = UInt32(exactly: byteCount / size)
    else { return nil }
    self.init(start: BlockNumber(start), count: count)
  }

  /// How many bytes the blocks hold.
  @inlinable
  public var byteCount: Int { Int(count) * Frame.size }

  /// Whether all of the blocks are among the first `blockCount`.
  @inlinable
  public func isInside(blockCount: UInt32) -> Bool {
    UInt64(start.value) + UInt64(count) <= UInt64(blockCount)
  }
}
