// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// One struct page (include/linux/mm_types.h), in 64 bytes; the fields have
/// these places since v4.18.
///
///      0 flags          8 lru.next, compound_head   16 lru.prev
///     24 mapping       32 index                     40 private
///     48 _mapcount     52 _refcount                 56 memcg_data
///
/// Compound pages keep counters of theirs in the struct pages behind the
/// first one, over the fields that tails do not need.
struct PageDescriptor: Sendable {
  private(set) var bytes = [UInt8](repeating: 0, count: 64)

  /// The struct page of a page that nobody uses.
  init(flags: UInt64) {
    self.flags = flags
    mapcount = -1
  }

  /// The 64-bit number `offset` bytes into the struct.
  subscript(word offset: Int) -> UInt64 {
    get {
      bytes[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    set {
      bytes.replaceSubrange(offset..<(offset + 8), with: littleEndian(newValue))
    }
  }

  /// The 32-bit number `offset` bytes into the struct.
  subscript(half offset: Int) -> UInt32 {
    get {
      bytes[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    set {
      bytes.replaceSubrange(offset..<(offset + 4), with: littleEndian(newValue))
    }
  }

  /// The byte `offset` bytes into the struct.
  subscript(byte offset: Int) -> UInt8 {
    get { bytes[offset] }
    set { bytes[offset] = newValue }
  }

  var flags: UInt64 {
    get { self[word: 0] }
    set { self[word: 0] = newValue }
  }
  /// lru.next; in tails, the word that says so.
  var lruNext: UInt64 {
    get { self[word: 8] }
    set { self[word: 8] = newValue }
  }
  var lruPrevious: UInt64 {
    get { self[word: 16] }
    set { self[word: 16] = newValue }
  }
  var mapping: UInt64 {
    get { self[word: 24] }
    set { self[word: 24] = newValue }
  }
  var privateData: UInt64 {
    get { self[word: 40] }
    set { self[word: 40] = newValue }
  }
  var mapcount: Int32 {
    get { Int32(bitPattern: self[half: 48]) }
    set { self[half: 48] = UInt32(bitPattern: newValue) }
  }
  var refcount: UInt32 {
    get { self[half: 52] }
    set { self[half: 52] = newValue }
  }

}
