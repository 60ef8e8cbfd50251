// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CXXHash
public import Memory

/// The frames of a pool, whose owner keeps them where they are.
///
/// A process that takes over from another one finds the same frames at the
/// same place, so this is all that a store needs to go on.
@safe
public struct FrameWindow: FrameAccess {
  private let base: UnsafeMutableRawPointer
  /// How many slots there are.
  public let slotCount: UInt32

  @unsafe
  init(base: UnsafeMutableRawPointer, slotCount: UInt32) {
    unsafe self.base = base
    self.slotCount = slotCount
  }

  /// Copies the 4096 bytes of `slot` into `bytes`.
  @inline(__always)
  public func read(_ slot: UInt32, into bytes: inout MutableRawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the slot lies inside the pool, and both sides have 4096
      // bytes. Hardware may change the frame meanwhile; what arrives in the
      // buffer is checked there.
      unsafe oldmem_load_frame(
        buffer.baseAddress,
        base + Int(slot) * Frame.size
      )
    }
  }

  /// Copies the 4096 bytes of `slot` into `bytes`, and says what hash they
  /// have there.
  @inline(__always)
  public func read(
    _ slot: UInt32,
    into bytes: inout MutableRawSpan,
    hashedWith seed: UInt64
  ) -> UInt64 {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    return unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: as for `read`; what is hashed is what is in the buffer.
      unsafe oldmem_load_and_hash_frame(
        buffer.baseAddress,
        base + Int(slot) * Frame.size,
        seed
      )
    }
  }

  /// Copies the 4096 bytes of `bytes` into `slot`.
  @inline(__always)
  public func write(_ slot: UInt32, from bytes: RawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    unsafe bytes.withUnsafeBytes { buffer in
      // SAFETY: as for `read`; the frame is ours to write by choice of the
      // pool, which lends none that the dump wants.
      unsafe oldmem_store_frame(
        base + Int(slot) * Frame.size,
        buffer.baseAddress
      )
    }
  }
  /// Has what was written arrive before whatever is stored from now on.
  @inline(__always)
  public func fence() { oldmem_fence_frames() }
}
