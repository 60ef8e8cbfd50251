// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

@testable import BlockStore

/// A store with a region and frames of its own.
struct StoreBench: ~Copyable {
  let region: UnsafeMutableRawBufferPointer
  let frames: FragileFrames
  var store: BlockStore<FragileFrames>

  init(
    blocks: UInt32,
    copies: Int = 2,
    slotsPerShelf: UInt32? = nil,
    seed: UInt64 = 0x5eed
  ) throws(StoreError) {
    let shape = try StoreShape(
      blocks: blocks,
      copies: copies,
      slotsPerShelf: slotsPerShelf ?? blocks
    )
    let region = UnsafeMutableRawBufferPointer.allocate(
      byteCount: shape.tableByteCount,
      alignment: 8
    )
    region.initializeMemory(as: UInt8.self, repeating: 0)
    let frames = FragileFrames(slotCount: shape.slotCount)
    store = try BlockStore(
      formatting: region,
      shape: shape,
      seed: seed,
      frames: frames
    )
    self.region = region
    self.frames = frames
  }

  deinit { region.deallocate() }

  /// Lets another store go on with the region and the frames, as after the
  /// death of the process that had the first.
  mutating func reopen() throws(StoreError) {
    let (shape, seed) = (store.shape, store.tables.seed)
    store = try BlockStore(
      continuing: region,
      shape: shape,
      seed: seed,
      frames: frames
    )
  }

  /// Scrubs until the store has been looked at once, and then as long as
  /// there is something suspect.
  mutating func scrubAll() {
    while store.scrub() != .passed {}
    while store.isSuspicious { _ = store.scrub() }
  }

  var counters: StoreCounters { store.counters }

  /// What a caller finds in its buffer, and the error that it got.
  mutating func readRaw(_ block: UInt32) -> ([UInt8], StoreError?) {
    // A buffer that is not zero before, as buffers are.
    var buffer = [UInt8](repeating: 0x77, count: Frame.size)
    var failure: StoreError?
    var span = buffer.mutableSpan
    var bytes = span.mutableBytes
    do throws(StoreError) {
      try store.read(BlockNumber(block), into: &bytes)
    } catch {
      failure = error
    }
    return (buffer, failure)
  }

  mutating func read(_ block: UInt32) throws(StoreError) -> [UInt8] {
    let (buffer, failure) = readRaw(block)
    if let failure { throw failure }
    return buffer
  }

  mutating func write(
    _ block: UInt32,
    _ content: [UInt8]
  ) throws(StoreError) {
    try store.write(BlockNumber(block), from: content.span.bytes)
  }

  mutating func discard(_ block: UInt32) throws(StoreError) {
    try store.discard(BlockNumber(block))
  }

  mutating func takeEvents() -> [StoreEvent] {
    var events: [StoreEvent] = []
    while let event = store.takeEvent() { events.append(event) }
    return events
  }

  /// The slots that hold the block, by copy.
  func slots(_ block: UInt32) -> [UInt32] {
    (0..<store.shape.copies).compactMap { copy in
      let word = store.tables.slotWord(of: BlockNumber(block), copy: copy)
      return word.isHeld ? word.slot : nil
    }
  }
}

/// A block's worth of bytes that differ from block to block.
func content(_ number: Int) -> [UInt8] {
  var random = SplitMix(state: UInt64(number))
  return (0..<Frame.size / 8).flatMap { _ in
    let word = random.next()
    return (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
  }
}

let zeroes = [UInt8](repeating: 0, count: Frame.size)

/// Numbers that a seed decides, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
