// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Looking at what nobody reads, so that damage is found while another copy
/// is good.
extension BlockStore where Frames: ~Copyable {
  /// What a step of the scrubber has come to.
  public enum ScrubStep: Equatable, Sendable {
    /// The frames of one block, or one frame that holds nothing, were looked
    /// at, or some entries passed over that have none.
    case goneOn
    /// All of the store has been looked at once more.
    case passed
  }

  /// Takes one step: at most one block's frames are read.
  ///
  /// At the end of a pass the tables are audited, which takes as long as going
  /// on with them does; it is given up as soon as `isAsked` says that somebody
  /// waits, and tried again at the next steps, and after many with the next
  /// pass.
  ///
  /// Free frames get a canary on the first pass, and from the second on one
  /// that is not there any more puts its frame out of use.
  public mutating func scrub(
    unless isAsked: () -> Bool = { false }
  ) -> ScrubStep {
    if let stretch = scrubber.stretch {
      look(at: stretch)
      return .goneOn
    }
    for _ in 0..<Self.passedOver {
      let position = scrubber.position
      guard position < scrubEnd else {
        guard tables.audit(unless: isAsked) || scrubber.putsOff() else {
          return .goneOn
        }
        scrubber.beginPass()
        tables.count(.passes)
        return .passed
      }
      scrubber.position = position &+ 1
      if scrub(position: position) { return .goneOn }
    }
    return .goneOn
  }

  /// Whether damage was found whose neighbours should be looked at at once.
  public var isSuspicious: Bool { scrubber.isSuspicious }

  /// How far the pass is, 0 to 65536.
  public var scrubProgress: UInt32 {
    guard scrubEnd > 0 else { return 65536 }
    return UInt32(scrubber.position << 16 / scrubEnd)
  }

  /// How many entries without a frame to look at a step passes over at most.
  private static var passedOver: Int { 256 }

  private var scrubEnd: UInt64 {
    UInt64(tables.shape.blocks) &+ UInt64(tables.shape.slotCount)
  }

  /// Looks at what a pass has there; false when there was nothing.
  private mutating func scrub(position: UInt64) -> Bool {
    let blocks = UInt64(tables.shape.blocks)
    return position < blocks
      ? verify(BlockNumber(UInt32(truncatingIfNeeded: position)))
      : watch(UInt32(truncatingIfNeeded: position &- blocks))
  }

  /// Looks at all copies of a block and at its entry, and mends what is wrong;
  /// false for an absent block.
  private mutating func verify(_ block: BlockNumber) -> Bool {
    let entry = tables.entry(of: block)
    let isSealed = tables.isSealed(entry, of: block)
    if isSealed, !entry.isHeld { return false }
    var isGood = isSealed && !canGrow(entry)
    for copy in 0..<tables.shape.copies {
      let word = entry.words[copy]
      guard isGood, word.isHeld, tables.isInShelf(word, copy) else { continue }
      let seed = seed(of: block, generation: word.generation)
      isGood = checksum(inSlot: word.slot, seed: seed) == entry.checksum
      if isGood, tables.isOut(word, copy) { isGood = false }
      tables.count(.scrubbed)
    }
    guard !isGood else { return true }
    // SAFETY: page 1 is for this alone, and the span ends here.
    var page = unsafe tables.page(1)
    _ = mend(block, into: &page, isRead: false)
    return true
  }

  /// Whether the block has fewer copies than it could have now.
  private func canGrow(_ entry: BlockEntry) -> Bool {
    guard tables.isThin(entry) else { return false }
    for copy in 0..<tables.shape.copies
    where !entry.words[copy].isHeld && tables.freeSlots(copy) > 0 {
      return true
    }
    return false
  }

  /// Gives a free frame its canary, or looks whether it has it still; false
  /// for a frame that is not free.
  private mutating func watch(_ slot: UInt32) -> Bool {
    let shelf = Int(slot / tables.shape.slotsPerShelf)
    let index = slot % tables.shape.slotsPerShelf
    let canary = Canary(seed: tables.seed)
    // SAFETY: page 1 is for this alone, and the span ends here.
    var page = unsafe tables.page(1)
    switch tables.state(shelf, index) {
    case .used, .quarantined: return false
    case .free:
      canary.fill(&page, of: FrameNumber(UInt64(slot)))
      frames.write(slot, from: page.bytes)
      frames.fence()
      tables.watch(shelf, index: index)
    case .watched:
      frames.read(slot, into: &page)
      tables.count(.scrubbed)
      guard !canary.isIntact(page.bytes, of: FrameNumber(UInt64(slot))) else {
        break
      }
      _ = tables.quarantine(shelf, index: index)
      tables.count(.canariesBroken)
      tables.put(.canary(slot: slot))
      scrubber.suspect(around: slot, of: tables.shape.slotCount)
    }
    return true
  }

  /// One step among the neighbours of what was damaged: nobody knows which
  /// block a slot is of, so all entries are looked through for them.
  private mutating func look(at stretch: Scrubber.Stretch) {
    var stretch = stretch
    let blocks = UInt64(tables.shape.blocks)
    let slots = UInt64(stretch.roundLast &- stretch.roundFirst) &+ 1
    for _ in 0..<Self.passedOver {
      let position = stretch.position
      guard position < blocks &+ slots else {
        // What was found in this round may have widened it.
        scrubber.stretch = stretch.beginRound() ? stretch : nil
        return
      }
      stretch.position = position &+ 1
      scrubber.stretch = stretch
      if scrub(position: position, in: stretch) { return }
      if let wider = scrubber.stretch { stretch = wider }
    }
  }

  private mutating func scrub(
    position: UInt64,
    in stretch: Scrubber.Stretch
  ) -> Bool {
    let blocks = UInt64(tables.shape.blocks)
    if position < blocks {
      let block = BlockNumber(UInt32(truncatingIfNeeded: position))
      for copy in 0..<tables.shape.copies {
        let word = tables.slotWord(of: block, copy: copy)
        guard word.isHeld, stretch.wants(word.slot) else { continue }
        return verify(block)
      }
      return false
    }
    let slot =
      stretch.roundFirst
      &+ UInt32(truncatingIfNeeded: position &- blocks)
    return stretch.wants(slot) && watch(slot)
  }
}
