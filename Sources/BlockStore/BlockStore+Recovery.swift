// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

extension BlockStore where Frames: ~Copyable {
  /// Goes on with a store whose process has died, in the region that it left.
  ///
  /// Slot words and checksums are taken as they are; maps, counts and hints
  /// are built anew from them, and slots out of use stay so. Allocates
  /// nothing. What is asked of `region` is what the other initializer asks,
  /// but for the zeroes.
  @unsafe
  public init(
    recovering region: UnsafeMutableRawBufferPointer,
    shape: StoreShape,
    seed: UInt64,
    frames: consuming Frames
  ) throws(StoreError) {
    guard frames.slotCount >= shape.slotCount else {
      throw .framesTooFew(needed: shape.slotCount, given: frames.slotCount)
    }
    // SAFETY: what is asked of the region is this function's own condition.
    var found = try unsafe StoreTables(
      formatting: region,
      shape: shape,
      seed: seed,
      isNew: false
    )
    guard found.isFormatted else {
      throw .shape(
        blocks: shape.blocks,
        copies: shape.copies,
        slotsPerShelf: shape.slotsPerShelf
      )
    }
    found.rebuildSlotMaps()
    tables = found
    self.frames = frames
  }
}

extension StoreTables {
  /// Builds maps, counts and hints out of the slot words.
  fileprivate mutating func rebuildSlotMaps() {
    for shelf in 0..<shape.copies { clearSlotMap(shelf) }
    for block in 0..<shape.blocks {
      let block = BlockNumber(block)
      dropUnlessWhole(block)
      for copy in 0..<shape.copies {
        let word = slotWord(of: block, copy: copy)
        let index = word.slot &- UInt32(copy) &* shape.slotsPerShelf
        guard word.isHeld, index < shape.slotsPerShelf else { continue }
        _ = takeSlot(copy, index: index)
      }
    }
  }

  /// Makes a block absent that has some of its copies only: it was being
  /// placed, and was absent before, or being released, and will be.
  private mutating func dropUnlessWhole(_ block: BlockNumber) {
    var held = 0
    for copy in 0..<shape.copies where slotWord(of: block, copy: copy).isHeld {
      held += 1
    }
    guard held > 0, held < shape.copies else { return }
    for copy in 0..<shape.copies {
      setSlotWord(.absent, of: block, copy: copy)
    }
  }
}
