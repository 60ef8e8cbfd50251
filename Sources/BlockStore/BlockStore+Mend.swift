// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// A frame that changed by itself is rewritten, and remembered as suspect. The
// second time its block is moved to another frame of the shelf and the frame
// is out of use for good; so it is at once when the rewritten bytes are not
// there a moment later. A shelf without another frame leaves the block with
// fewer copies, which the scrubber makes up for when one is free again.
//
// Where the entry itself is damaged, its slots may be other blocks': they are
// read, for what agrees with the checksum is the block's, but never written.
// The checksum is found by the copies and the seal, the copies by the checksum
// among the strays (SlotMap+Rebuild.swift). A block of which neither is left
// gets an entry with its copies nowhere: known to be lost, and far from what
// an absent block looks like.

internal import Memory

/// What is done about a block of which something is wrong.
extension BlockStore where Frames: ~Copyable {
  /// Hands out the block's content and mends its copies and its entry; false,
  /// and only zeroes in `bytes`, when no copy is good.
  ///
  /// All copies are looked at. `isRead` says that somebody wants the content:
  /// a block that is known to be lost is then reported again.
  mutating func mend(
    _ block: BlockNumber,
    into bytes: inout MutableRawSpan,
    isRead: Bool
  ) -> Bool {
    let before = tables.entry(of: block)
    let isSealed = tables.isSealed(before, of: block)
    if !isSealed {
      tables.count(.metadataRepaired)
      tables.put(.metadata(block))
      tables.hasStrays = true
      if isMostlyAbsent(before, block) {
        tables.declare(.absent, of: block)
        commit(.absent, of: block, after: before)
      }
    }
    guard !tables.isAbsent(block) else {
      bytes.zero()
      return true
    }
    var examined = examine(block, before, into: &bytes)
    if examined.good == nil, !isSealed {
      findChecksum(block, &examined, into: &bytes)
      if examined.good == nil,
        let stray = findStray(
          of: block,
          checksum: examined.entry.checksum,
          into: &bytes
        )
      {
        examined.entry.words[stray.copy] = stray.word
        examined.isRead[stray.copy] = true
        examined.found[stray.copy] = examined.entry.checksum
        examined.good = stray.copy
      }
    }
    guard let good = examined.good else {
      lose(block, examined, isSealed: isSealed, isRead: isRead)
      bytes.zero()
      return false
    }
    let entry = mended(
      block,
      examined,
      good: good,
      mayWrite: isSealed,
      from: bytes.bytes
    )
    if entry != before || !isSealed {
      tables.declare(entry, of: block)
      commit(entry, of: block, after: before)
    }
    return true
  }

  /// Whether two of the three, checksum, slots and seal, say that the block
  /// holds nothing.
  private func isMostlyAbsent(
    _ entry: BlockEntry,
    _ block: BlockNumber
  ) -> Bool {
    let voices =
      [
        entry.checksum == 0, !entry.isHeld, tables.seal(of: block) == 0,
      ] as InlineArray<3, Bool>
    var count = 0
    for index in 0..<3 where voices[index] { count &+= 1 }
    return count >= 2
  }

  /// Copies every frame of the block and hashes it; `bytes` keep the first
  /// good one.
  private mutating func examine(
    _ block: BlockNumber,
    _ entry: BlockEntry,
    into bytes: inout MutableRawSpan
  ) -> Examined {
    var examined = Examined(entry: entry)
    for copy in 0..<tables.shape.copies {
      let word = entry.words[copy]
      guard word.isHeld, tables.isInShelf(word, copy) else { continue }
      let seed = seed(of: block, generation: word.generation)
      let found: UInt64
      if examined.good == nil {
        found = frames.read(word.slot, into: &bytes, hashedWith: seed)
        if found == entry.checksum { examined.good = copy }
      } else {
        found = checksum(inSlot: word.slot, seed: seed)
      }
      examined.found[copy] = found
      examined.isRead[copy] = true
    }
    return examined
  }

  /// Finds the copy that the seal agrees with, where it is the checksum that
  /// was damaged.
  private mutating func findChecksum(
    _ block: BlockNumber,
    _ examined: inout Examined,
    into bytes: inout MutableRawSpan
  ) {
    for copy in 0..<tables.shape.copies where examined.isRead[copy] {
      let word = examined.entry.words[copy]
      var candidate = examined.entry
      candidate.checksum = examined.found[copy]
      guard tables.isSealed(candidate, of: block) else { continue }
      let seed = seed(of: block, generation: word.generation)
      let found = frames.read(word.slot, into: &bytes, hashedWith: seed)
      guard found == candidate.checksum else { continue }
      examined.entry = candidate
      examined.good = copy
      return
    }
  }

  /// Reports a block without a good copy, and remembers it.
  private mutating func lose(
    _ block: BlockNumber,
    _ examined: Examined,
    isSealed: Bool,
    isRead: Bool
  ) {
    var entry = examined.entry
    if !isSealed {
      for copy in 0..<tables.shape.copies { entry.words[copy] = .nowhere }
      entry.checksum = max(1, entry.checksum)
    }
    var isKnown = isSealed
    for copy in 0..<tables.shape.copies where entry.words[copy].isHeld {
      if !entry.words[copy].isSuspect { isKnown = false }
      entry.words[copy] = entry.words[copy].suspected
    }
    guard isRead || !isKnown else { return }
    for copy in 0..<tables.shape.copies where entry.words[copy].isHeld {
      reportMismatch(block, copy, examined)
    }
    tables.count(.lost)
    tables.put(.lost(block))
    guard !isKnown else { return }
    tables.declare(entry, of: block)
    commit(entry, of: block, after: examined.entry)
  }

  private mutating func reportMismatch(
    _ block: BlockNumber,
    _ copy: Int,
    _ examined: Examined
  ) {
    let slot = examined.entry.words[copy].slot
    tables.count(.mismatches)
    tables.put(
      .mismatch(block, copy: copy, slot: slot, found: examined.found[copy])
    )
    scrubber.suspect(around: slot, of: tables.shape.slotCount)
  }

  /// The block's entry with all copies made good, as far as there are frames.
  private mutating func mended(
    _ block: BlockNumber,
    _ examined: Examined,
    good: Int,
    mayWrite: Bool,
    from bytes: RawSpan
  ) -> BlockEntry {
    var entry = examined.entry
    let size = tables.shape.slotsPerShelf
    let source = Source(
      checksum: entry.checksum,
      generation: entry.words[good].generation,
      seed: seed(of: block, generation: entry.words[good].generation),
      index: entry.words[good].slot &- UInt32(good) &* size
    )
    for copy in 0..<tables.shape.copies {
      let word = entry.words[copy]
      if examined.isGood(copy) {
        guard mayWrite, tables.isOut(word, copy) else { continue }
        let moved = newCopy(copy, source, from: bytes)
        if moved.isHeld { entry.words[copy] = moved }
        continue
      }
      if word.isHeld {
        reportMismatch(block, copy, examined)
        if mayWrite, !word.isSuspect, rewrite(word, source, from: bytes) {
          entry.words[copy] = word.suspected
          tables.count(.repaired)
          continue
        }
      }
      let moved = newCopy(copy, source, from: bytes)
      entry.words[copy] = moved
      if moved.isHeld { tables.count(.repaired) }
      guard word.isHeld, mayWrite else { continue }
      tables.retire(copy, index: word.slot &- UInt32(copy) &* size)
      guard moved.isHeld else { continue }
      tables.count(.relocated)
      tables.put(
        .relocated(block, copy: copy, from: word.slot, to: moved.slot)
      )
    }
    return entry
  }

  /// Writes good bytes over a copy; false when they are not there afterwards.
  private mutating func rewrite(
    _ word: SlotWord,
    _ source: Source,
    from bytes: RawSpan
  ) -> Bool {
    frames.write(word.slot, from: bytes)
    frames.fence()
    return checksum(inSlot: word.slot, seed: source.seed) == source.checksum
  }

  /// Writes good bytes to a frame of the copy's shelf that keeps them; absent
  /// when none does.
  private mutating func newCopy(
    _ copy: Int,
    _ source: Source,
    from bytes: RawSpan
  ) -> SlotWord {
    for _ in 0..<4 {
      let word = tables.takeWord(
        copy: copy,
        near: source.index,
        generation: source.generation
      )
      guard word.isHeld else { return .absent }
      if rewrite(word, source, from: bytes) { return word }
      let first = UInt32(copy) &* tables.shape.slotsPerShelf
      tables.retire(copy, index: word.slot &- first)
      scrubber.suspect(around: word.slot, of: tables.shape.slotCount)
    }
    return .absent
  }

  /// Copies the frame to a page of the tables and hashes it there.
  mutating func checksum(inSlot slot: UInt32, seed: UInt64) -> UInt64 {
    // SAFETY: page 0 is for this, and for marks while strays are searched for;
    // the span ends here.
    var page = unsafe tables.page(0)
    return frames.read(slot, into: &page, hashedWith: seed)
  }
}

/// What a look at all copies of a block gave.
private struct Examined {
  var entry: BlockEntry
  var found = InlineArray<4, UInt64>(repeating: 0)
  var isRead = InlineArray<4, Bool>(repeating: false)
  /// The copy whose bytes were kept.
  var good: Int?

  func isGood(_ copy: Int) -> Bool {
    copy == good || isRead[copy] && found[copy] == entry.checksum
  }
}

/// The good copy from which others are made.
private struct Source {
  var checksum: UInt64
  var generation: UInt32
  var seed: UInt64
  /// Its slot's place in its shelf.
  var index: UInt32
}
