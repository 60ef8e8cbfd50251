// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Synchronization

/// A counter that a server moves while it lives, in memory that it shares
/// with whoever watches it.
public struct Heartbeat: ~Copyable {
  let page: Mapping

  /// A heart that has not beaten yet.
  public init() throws(Errno) {
    page = try Mapping.anonymous(byteCount: 4096, shared: true)
  }

  /// Says that the server has come round once more; at least once a second.
  @inline(__always)
  public func beat() {
    // SAFETY: the page is zeroed, aligned and lives as long as `self`; it is
    // only ever used as this one atomic counter, in both processes.
    unsafe page.base.assumingMemoryBound(to: Atomic<UInt64>.self)
      .pointee.wrappingAdd(1, ordering: .relaxed)
  }

  /// How often the heart has beaten.
  public var beats: UInt64 {
    // SAFETY: as in `beat`.
    unsafe page.base.assumingMemoryBound(to: Atomic<UInt64>.self)
      .pointee.load(ordering: .relaxed)
  }
}
