// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Giving blocks their content and their frames; Intent.swift has the order.
extension BlockStore where Frames: ~Copyable {
  /// Gives the block new content in all copies, and frames where it has none;
  /// false when it has no frame and there is none, and it is then as before.
  ///
  /// Where a shelf is full the block has fewer copies.
  mutating func place(_ block: BlockNumber, from bytes: RawSpan) -> Bool {
    let before = trusted(block)
    let generation = (before.generation &+ 1) % SlotWord.generations
    var entry = before
    var index: UInt32?
    for copy in 0..<tables.shape.copies {
      let word = before.words[copy]
      let first = UInt32(copy) &* tables.shape.slotsPerShelf
      if word.isHeld, !word.isSuspect {
        entry.words[copy] = word.of(generation: generation)
      } else {
        // The same index in all shelves, where it is free, so that the
        // copies lie as far apart as the shelves do.
        let taken = tables.takeWord(
          copy: copy,
          near: index,
          generation: generation
        )
        // A frame that failed once serves on where there is no other.
        entry.words[copy] =
          taken.isHeld || !word.isHeld || !tables.isInShelf(word, copy)
          ? taken : word.of(generation: generation)
      }
      if index == nil, entry.words[copy].isHeld {
        index = entry.words[copy].slot &- first
      }
    }
    guard entry.isHeld else { return false }
    entry.checksum = Frame.hash(
      of: bytes,
      seed: seed(of: block, generation: generation)
    )
    tables.declare(entry, of: block)
    for copy in 0..<tables.shape.copies where entry.words[copy].isHeld {
      frames.write(entry.words[copy].slot, from: bytes)
    }
    commit(entry, of: block, after: before)
    for copy in 0..<tables.shape.copies
    where before.words[copy].isSuspect
      && before.words[copy].slot != entry.words[copy].slot
    {
      tables.giveBack(before.words[copy], copy: copy)
    }
    return true
  }

  /// Makes the blocks absent; most of a large range are already.
  mutating func release(_ blocks: BlockRange) {
    for index in 0..<blocks.count {
      let block = BlockNumber(blocks.start.value &+ index)
      if tables.isEmpty(block) { continue }
      release(block)
    }
  }

  /// Makes the block absent.
  mutating func release(_ block: BlockNumber) {
    let before = trusted(block)
    guard !tables.isEmpty(block) else { return }
    tables.declare(.absent, of: block)
    commit(.absent, of: block, after: before)
    for copy in 0..<tables.shape.copies {
      tables.giveBack(before.words[copy], copy: copy)
    }
  }

  /// What is known of the block's place: nothing where its entry is damaged,
  /// for a slot that it names may be another block's.
  ///
  /// The slots that it did have stay used until the maps are built anew.
  private mutating func trusted(_ block: BlockNumber) -> BlockEntry {
    let entry = tables.entry(of: block)
    guard !tables.isSealed(entry, of: block) else { return entry }
    tables.count(.metadataRepaired)
    tables.put(.metadata(block))
    tables.hasStrays = true
    return .absent
  }

  /// Stores an entry that was declared, and ends the operation.
  mutating func commit(
    _ entry: BlockEntry,
    of block: BlockNumber,
    after before: BlockEntry
  ) {
    frames.fence()
    StoreTables.keepOrder()
    tables.set(entry, of: block)
    tables.settle()
    guard tables.isThin(entry), !tables.isThin(before) else { return }
    tables.put(.thinned(block, copies: entry.copies))
  }

  /// The seed for the hash of a block's content.
  ///
  /// Inlined, as is what else a request calls for each block: the compiler
  /// would copy the whole store for a call that only reads it.
  @inline(__always)
  func seed(of block: BlockNumber, generation: UInt32) -> UInt64 {
    BlockChecksum.seed(run: tables.seed, block: block, generation: generation)
  }
}

extension MutableRawSpan {
  /// Makes all bytes zero.
  @_lifetime(self: copy self)
  mutating func zero() {
    unsafe withUnsafeMutableBytes { bytes in
      // SAFETY: the span's own bytes; any bytes may be zero.
      _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }
}
