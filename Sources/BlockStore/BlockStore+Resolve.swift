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
  /// whole, and the entry has not been touched.
  mutating func resolve() {
    guard let (block, declared) = tables.declared() else { return }
    var entry = BlockEntry.absent
    entry.checksum = declared.checksum
    var good: Int?
    for copy in 0..<tables.shape.copies {
      let word = declared.words[copy]
      guard word.isHeld, tables.isInShelf(word, copy) else { continue }
      entry.words[copy] = word
      guard good == nil else { continue }
      // SAFETY: page 1 is the scrubber's, which does not run yet.
      var page = unsafe tables.page(1)
      frames.read(word.slot, into: &page)
      let seed = seed(of: block, generation: word.generation)
      if BlockChecksum.of(page.bytes, seed: seed) == declared.checksum {
        good = copy
      }
    }
    if let good {
      // SAFETY: as above; the bytes are those of the good copy.
      let page = unsafe tables.page(1)
      for copy in 0..<tables.shape.copies
      where copy != good && entry.words[copy].isHeld {
        frames.write(entry.words[copy].slot, from: page.bytes)
      }
      tables.set(entry, of: block)
    } else if !declared.isHeld {
      tables.set(.absent, of: block)
    }
    tables.settle()
  }
}
