// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// Frames side by side in this process's address space: slot n at n x 4096.
///
/// Old memory's runs are mapped one after the other into one stretch of
/// reserved addresses, so that a slot needs no table to be found.
public struct PooledFrames: FrameAccess, ~Copyable {
  var mapping: Mapping
  /// How many slots there are.
  public let slotCount: UInt32

  /// A pool of ordinary memory, for tests and benchmarks.
  public static func anonymous(
    slotCount: UInt32
  ) throws(Errno) -> PooledFrames {
    PooledFrames(
      mapping: try .anonymous(byteCount: Int(slotCount) * Frame.size),
      slotCount: slotCount
    )
  }

  /// Maps the runs of `memory`, a device whose offsets are physical
  /// addresses, in the order given.
  public static func mapping(
    _ runs: Span<FrameRange>,
    of memory: borrowing Descriptor
  ) throws(Errno) -> PooledFrames {
    var count: UInt64 = 0
    for index in runs.indices { count += runs[index].count }
    guard count > 0, count <= UInt64(UInt32.max) else { throw .invalid }
    var mapping = try Mapping.reserved(byteCount: Int(count) * Frame.size)
    var offset = 0
    for index in runs.indices {
      let run = runs[index]
      guard let address = run.start.address else { throw .invalid }
      let byteCount = Int(run.count) * Frame.size
      try mapping.replace(
        at: offset,
        byteCount: byteCount,
        with: memory,
        fileOffset: address.value
      )
      offset += byteCount
    }
    return PooledFrames(mapping: mapping, slotCount: UInt32(count))
  }

  init(mapping: consuming Mapping, slotCount: UInt32) {
    self.mapping = mapping
    self.slotCount = slotCount
  }

  /// Copies the 4096 bytes of `slot` into `bytes`.
  @inline(__always)
  public func read(_ slot: UInt32, into bytes: inout MutableRawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the slot lies inside the mapping, and both sides have 4096
      // bytes. Hardware may change the frame meanwhile; what arrives in the
      // buffer is checked there.
      unsafe buffer.baseAddress?.copyMemory(
        from: mapping.base + Int(slot) * Frame.size,
        byteCount: Frame.size
      )
    }
  }

  /// Copies the 4096 bytes of `bytes` into `slot`.
  @inline(__always)
  public func write(_ slot: UInt32, from bytes: RawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    unsafe bytes.withUnsafeBytes { buffer in
      guard let source = buffer.baseAddress else { return }
      // SAFETY: as for `read`; the frame is ours to write by choice of the
      // pool, which lends none that the dump wants.
      unsafe (mapping.base + Int(slot) * Frame.size).copyMemory(
        from: source,
        byteCount: Frame.size
      )
    }
  }
}
