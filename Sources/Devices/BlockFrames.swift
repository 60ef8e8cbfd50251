// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// Frames side by side on a block device of the kernel's, read and written
/// past its page cache.
///
/// For looking at frames before anybody uses them; what cannot be read is a
/// frame of zeroes, which then is not what somebody expects there.
public struct BlockFrames: FrameAccess, ~Copyable {
  private let device: Descriptor
  // The kernel wants an aligned buffer.
  private let buffer: Mapping
  /// How many slots there are.
  public let slotCount: UInt32

  /// The first frames of the device.
  public init(_ device: Path, slotCount: UInt32) throws(Errno) {
    let file = try Descriptor(device, .readWriteDirect)
    let buffer = try Mapping.anonymous(byteCount: Frame.size)
    self.device = file
    self.buffer = buffer
    self.slotCount = slotCount
  }

  /// Copies the 4096 bytes of `slot` into `bytes`.
  public func read(_ slot: UInt32, into bytes: inout MutableRawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    // SAFETY: nobody else has a span of the buffer now.
    var span = unsafe MutableRawSpan(
      _unsafeStart: buffer.base,
      byteCount: Frame.size
    )
    let isRead = device.fill(&span, at: UInt64(slot) << Frame.shift)
    unsafe bytes.withUnsafeMutableBytes { target in
      unsafe span.withUnsafeBytes { source in
        // SAFETY: both have 4096 bytes.
        unsafe target.copyMemory(from: source)
      }
      if !isRead { for index in target.indices { unsafe target[index] = 0 } }
    }
  }

  /// Copies the 4096 bytes of `bytes` into `slot`.
  public func write(_ slot: UInt32, from bytes: RawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    // SAFETY: as for `read`.
    var span = unsafe MutableRawSpan(
      _unsafeStart: buffer.base,
      byteCount: Frame.size
    )
    unsafe span.withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in
        // SAFETY: both have 4096 bytes.
        unsafe target.copyMemory(from: source)
      }
    }
    _ = device.drain(&span, at: UInt64(slot) << Frame.shift)
  }

  /// Nothing is under way when a write has returned.
  public func fence() {}
}
