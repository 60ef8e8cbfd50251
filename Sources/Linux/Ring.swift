// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// An io_uring with entries of 128 bytes, for commands to a driver.
///
/// Serving from it allocates nothing: entries and completions live in memory
/// that is shared with the kernel from the start.
@safe
public struct Ring: ~Copyable {
  // On the heap: liburing keeps pointers into it, and a Swift value moves.
  let ring: UnsafeMutablePointer<io_uring>

  /// What came of a command.
  public struct Completion: Sendable {
    /// The number that was given with the command.
    public let userData: UInt64
    /// The driver's answer, or a negative errno.
    public let result: Int32
  }

  /// Sets up a ring with room for `entries` commands at a time.
  ///
  /// The corresponding C function is `io_uring_queue_init_params` with
  /// IORING_SETUP_SQE128.
  public init(entries: UInt32) throws(Errno) {
    unsafe ring = .allocate(capacity: 1)
    let result = unsafe om_ring_open(ring, entries)
    guard result >= 0 else {
      unsafe ring.deallocate()
      throw Errno(-result)
    }
  }

  deinit {
    unsafe om_ring_close(ring)
    unsafe ring.deallocate()
  }

  /// Queues a command with up to 80 bytes of payload; it is handed over by
  /// the next `wait`.
  ///
  /// The corresponding C function is `io_uring_get_sqe`, the operation
  /// IORING_OP_URING_CMD.
  public mutating func command(
    file: Int32,
    operation: UInt32,
    userData: UInt64,
    payload: RawSpan
  ) throws(Errno) {
    let result = unsafe payload.withUnsafeBytes { buffer in
      // SAFETY: the payload is copied before the call returns.
      unsafe om_ring_command(
        ring,
        file,
        operation,
        userData,
        buffer.baseAddress,
        buffer.count
      )
    }
    try succeed(result)
  }

  /// Hands over what is queued and waits until something is complete or the
  /// time is over.
  ///
  /// The corresponding C function is `io_uring_submit_and_wait_timeout`.
  public mutating func wait(milliseconds: UInt32) throws(Errno) {
    try succeed(unsafe om_ring_wait(ring, milliseconds))
  }

  /// The next completion, if one is there.
  ///
  /// The corresponding C function is `io_uring_peek_cqe`.
  public mutating func next() -> Completion? {
    var userData: UInt64 = 0
    var result: Int32 = 0
    guard unsafe om_ring_next(ring, &userData, &result) == 1 else {
      return nil
    }
    return Completion(userData: userData, result: result)
  }
}
