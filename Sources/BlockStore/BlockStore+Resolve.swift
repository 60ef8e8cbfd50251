// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Ending what a killed process had begun.
extension BlockStore where Frames: ~Copyable {
  /// Finishes the operation that was under way, or leaves the block as it was
  /// before; whoever had asked for it has not been answered.
  ///
  /// A frame that agrees with the declared entry was written whole, and then
  /// the entry may have been set in part. When none does, no frame was written
  /// whole, and the entry has not been touched. A frame that was written in
  /// part is made good either way: it has not failed.
  mutating func resolve() {
    guard let (block, declared) = tables.declared() else { return }
    let before = tables.entry(of: block)
    if !declared.isHeld {
      tables.set(.absent, of: block)
    } else if level(declared, of: block) {
      tables.set(declared, of: block)
    } else if tables.isSealed(before, of: block) {
      _ = level(before, of: block)
    }
    tables.settle()
  }

  /// Gives all frames of the entry the content of one that agrees with it;
  /// false when none does.
  private func level(_ entry: BlockEntry, of block: BlockNumber) -> Bool {
    // SAFETY: page 1 is the scrubber's, which does not run yet.
    var page = unsafe tables.page(1)
    var good: Int?
    for copy in 0..<tables.shape.copies where good == nil {
      let word = entry.words[copy]
      guard word.isHeld, tables.isInShelf(word, copy) else { continue }
      let seed = seed(of: block, generation: word.generation)
      let found = frames.read(word.slot, into: &page, hashedWith: seed)
      if found == entry.checksum { good = copy }
    }
    guard let good else { return false }
    for copy in 0..<tables.shape.copies where copy != good {
      let word = entry.words[copy]
      guard word.isHeld, tables.isInShelf(word, copy) else { continue }
      frames.write(word.slot, from: page.bytes)
    }
    frames.fence()
    return true
  }
}
