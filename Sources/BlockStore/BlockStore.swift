// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Logical blocks on frames that anything may write to at any time.
///
/// Each block has `copies` frames, one in each shelf, and its checksum lies
/// in ordinary memory with the other tables. What a read hands out has been
/// verified where it is handed out, in the caller's buffer. One thread at a
/// time; nothing here allocates.
public struct BlockStore<Frames: FrameAccess & ~Copyable>: ~Copyable {
  /// How many blocks, copies and slots there are.
  public var shape: StoreShape { tables.shape }

  /// The frames behind the slots.
  public let frames: Frames

  var tables: StoreTables
  var scrubber = Scrubber()

  /// Makes an empty store.
  ///
  /// `region` is for the tables: at least `shape.tableByteCount` bytes of
  /// zero from an address divisible by 8, which outlive the store and are
  /// nobody else's meanwhile. `seed` is a random number, drawn anew for each
  /// run. Slots k x `slotsPerShelf` to (k + 1) x `slotsPerShelf` - 1 of
  /// `frames` are the shelf of copy k.
  @unsafe
  public init(
    formatting region: UnsafeMutableRawBufferPointer,
    shape: StoreShape,
    seed: UInt64,
    frames: consuming Frames
  ) throws(StoreError) {
    try Self.check(frames, suffice: shape)
    // SAFETY: what is asked of the region is this function's own condition.
    tables = try unsafe StoreTables(
      formatting: region,
      shape: shape,
      seed: seed
    )
    self.frames = frames
  }

  /// Goes on with the region and the frames of a store whose process is gone,
  /// at whatever moment that was.
  ///
  /// `region`, `shape` and `seed` are those that the store was made with, and
  /// slot n is the same frame as before. Takes 1.7 ms for 256 MiB of blocks in
  /// two copies (`bench/store`) and allocates nothing.
  @unsafe
  public init(
    continuing region: UnsafeMutableRawBufferPointer,
    shape: StoreShape,
    seed: UInt64,
    frames: consuming Frames
  ) throws(StoreError) {
    try Self.check(frames, suffice: shape)
    // SAFETY: what is asked of the region is this function's own condition.
    tables = try unsafe StoreTables(
      continuing: region,
      shape: shape,
      seed: seed
    )
    self.frames = frames
    resolve()
    tables.rebuildSlotMaps()
  }

  /// What the store has done so far.
  public var counters: StoreCounters { tables.counters }

  /// Puts a slot that holds nothing out of use for as long as the store
  /// lives; false when it holds something, is out of use already, or is none
  /// of the shape's.
  @discardableResult
  public mutating func quarantine(_ slot: UInt32) -> Bool {
    guard slot < shape.slotCount else { return false }
    return tables.quarantine(
      Int(slot / shape.slotsPerShelf),
      index: slot % shape.slotsPerShelf
    )
  }

  /// The oldest event that nobody has taken yet.
  public mutating func takeEvent() -> StoreEvent? { tables.takeEvent() }

  /// Fills the 4096 `bytes` with what was last written to the block, or with
  /// zeroes when there is nothing.
  ///
  /// A copy that does not verify is mended from one that does. With none,
  /// throws `.damaged` and leaves only zeroes in `bytes`.
  public mutating func read(
    _ block: BlockNumber,
    into bytes: inout MutableRawSpan
  ) throws(StoreError) {
    try check(block, bytes.byteCount)
    tables.count(.reads)
    let expected = tables.checksum(of: block)
    for copy in 0..<tables.shape.copies {
      let word = tables.slotWord(of: block, copy: copy)
      guard word.isHeld else { continue }
      guard tables.isInShelf(word, copy) else { break }
      let seed = seed(of: block, generation: word.generation)
      let found = frames.read(word.slot, into: &bytes, hashedWith: seed)
      if found == expected { return }
      break
    }
    if tables.isEmpty(block) {
      bytes.zero()
    } else if !mend(block, into: &bytes, isRead: true) {
      throw .damaged(block)
    }
  }

  /// Stores the 4096 `bytes` as the block's content, in all copies.
  ///
  /// `bytes` must be a private buffer that nobody writes to meanwhile: the
  /// checksum and the copies are all taken from it. Throws `.full` when no
  /// shelf has a frame left; the block is then as before.
  public mutating func write(
    _ block: BlockNumber,
    from bytes: RawSpan
  ) throws(StoreError) {
    try check(block, bytes.byteCount)
    if BlockChecksum.isZero(bytes) {
      tables.count(.zeroes)
      release(block)
    } else if !place(block, from: bytes) {
      tables.count(.refused)
      throw .full(block)
    }
    tables.count(.writes)
  }

  /// Forgets the block's content and gives its frames back.
  public mutating func discard(_ block: BlockNumber) throws(StoreError) {
    try check(block, Frame.size)
    tables.count(.discards)
    release(block)
  }

  /// Makes the block all zero, which takes no frame.
  public mutating func writeZeroes(_ block: BlockNumber) throws(StoreError) {
    try check(block, Frame.size)
    tables.count(.zeroes)
    release(block)
  }
}

extension BlockStore where Frames: ~Copyable {
  private static func check(
    _ frames: borrowing Frames,
    suffice shape: StoreShape
  ) throws(StoreError) {
    guard frames.slotCount >= shape.slotCount else {
      throw .framesTooFew(needed: shape.slotCount, given: frames.slotCount)
    }
  }

  @inline(__always)
  private func check(
    _ block: BlockNumber,
    _ byteCount: Int
  ) throws(StoreError) {
    let range = BlockRange(start: block, count: 1)
    guard block.value < tables.shape.blocks else { throw .outOfRange(range) }
    guard byteCount == Frame.size else {
      throw .bufferMismatch(range, byteCount: byteCount)
    }
  }
}
