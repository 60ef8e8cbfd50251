// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Where a file goes whose pieces are not written in order: a disk, or a stream
/// of pieces of which somebody else makes a file.
public protocol PlacedSink: ~Copyable {
  /// How many pages it takes between two looks at the clock.
  var pagesAtOnce: Int { get }

  /// Takes all of `bytes`, which are at `offset` of the file; false where it did
  /// not, and then wants no more.
  mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool

  /// Sees to it that nothing written later arrives before what was written until
  /// now; false where that cannot be had.
  mutating func barrier() -> Bool
}

extension PlacedSink where Self: ~Copyable {
  /// 64 KiB, which most take in much less than a second.
  public var pagesAtOnce: Int { 16 }
}
