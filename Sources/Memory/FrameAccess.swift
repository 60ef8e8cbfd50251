// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Frames that may be written, numbered from zero as slots.
///
/// A slot is what the store keeps of a frame: 32 bits instead of an address.
/// Whoever implements this knows which frame of which shelf a slot stands for.
public protocol FrameAccess: ~Copyable {
  /// How many slots there are.
  var slotCount: UInt32 { get }

  /// Copies the 4096 bytes of `slot` into `bytes`.
  ///
  /// The bytes are copied before anybody looks at them: hardware may write to
  /// the frame at any moment. A slot or a length out of range is a trap, for
  /// it can only come from our own tables.
  func read(_ slot: UInt32, into bytes: inout MutableRawSpan)

  /// Copies the 4096 bytes of `slot` into `bytes`, as `read` does, and says
  /// what hash the bytes that have arrived there have: XXH3, 64 bits, seeded.
  func read(
    _ slot: UInt32,
    into bytes: inout MutableRawSpan,
    hashedWith seed: UInt64
  ) -> UInt64

  /// Copies the 4096 bytes of `bytes` into `slot`.
  func write(_ slot: UInt32, from bytes: RawSpan)

  /// Has what was written arrive before whatever is stored from now on.
  func fence()
}

extension FrameAccess where Self: ~Copyable {
  /// Copies, and then hashes.
  public func read(
    _ slot: UInt32,
    into bytes: inout MutableRawSpan,
    hashedWith seed: UInt64
  ) -> UInt64 {
    read(slot, into: &bytes)
    return Frame.hash(of: bytes.bytes, seed: seed)
  }
}
