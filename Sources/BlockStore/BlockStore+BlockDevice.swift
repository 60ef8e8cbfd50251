// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Requests of many blocks, one block after the other.
extension BlockStore: BlockDevice where Frames: ~Copyable {
  /// How many blocks of 4096 bytes the device has.
  public var blockCount: UInt32 { tables.shape.blocks }

  /// Fills `bytes` with the blocks' content, up to the first damaged one.
  public mutating func read(
    _ blocks: BlockRange,
    into bytes: inout MutableRawSpan
  ) throws(StoreError) {
    try validate(blocks, bytes.byteCount)
    for index in 0..<blocks.count {
      let offset = Int(index) &* Frame.size
      var part = bytes._mutatingExtracting(offset..<(offset &+ Frame.size))
      try read(BlockNumber(blocks.start.value &+ index), into: &part)
    }
  }

  /// Stores `bytes` as the blocks' content, up to the first that finds no
  /// frame.
  public mutating func write(
    _ blocks: BlockRange,
    from bytes: RawSpan
  ) throws(StoreError) {
    try validate(blocks, bytes.byteCount)
    for index in 0..<blocks.count {
      let offset = Int(index) &* Frame.size
      try write(
        BlockNumber(blocks.start.value &+ index),
        from: bytes.extracting(offset..<(offset &+ Frame.size))
      )
    }
  }

  /// Gives the blocks' frames back.
  public mutating func discard(_ blocks: BlockRange) throws(StoreError) {
    try validate(blocks, blocks.byteCount)
    tables.count(.discards, by: UInt64(blocks.count))
    release(blocks)
  }

  /// Makes the blocks all zero, which gives their frames back too.
  public mutating func writeZeroes(_ blocks: BlockRange) throws(StoreError) {
    try validate(blocks, blocks.byteCount)
    tables.count(.zeroes, by: UInt64(blocks.count))
    release(blocks)
  }

  /// Has nothing to do: what was written is stored.
  public mutating func flush() throws(StoreError) {}

  /// The blocks at the front of `blocks` that hold nothing, or that hold
  /// something; the ends are those of `blocks`.
  public func extent(of blocks: BlockRange) -> BlockExtent {
    guard blocks.count > 0, blocks.isInside(blockCount: blockCount) else {
      return BlockExtent(count: max(1, blocks.count), isHole: false)
    }
    let isHole = tables.isEmpty(blocks.start)
    var count: UInt32 = 1
    while count < blocks.count,
      tables.isEmpty(BlockNumber(blocks.start.value &+ count)) == isHole
    { count &+= 1 }
    return BlockExtent(count: count, isHole: isHole)
  }

  private func validate(
    _ blocks: BlockRange,
    _ byteCount: Int
  ) throws(StoreError) {
    guard blocks.isInside(blockCount: blockCount) else {
      throw .outOfRange(blocks)
    }
    guard byteCount == blocks.byteCount else {
      throw .bufferMismatch(blocks, byteCount: byteCount)
    }
  }
}
