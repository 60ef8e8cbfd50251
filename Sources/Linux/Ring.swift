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

  /// What a driver gets with a command: four little-endian words.
  public struct Payload: Equatable, Sendable {
    /// Bytes 0 to 7.
    public var first: UInt64
    /// Bytes 8 to 15.
    public var second: UInt64
    /// Bytes 16 to 23.
    public var third: UInt64
    /// Bytes 24 to 31.
    public var fourth: UInt64

    /// Makes a payload of up to four words.
    public init(
      _ first: UInt64,
      _ second: UInt64,
      _ third: UInt64 = 0,
      _ fourth: UInt64 = 0
    ) {
      self.first = first
      self.second = second
      self.third = third
      self.fourth = fourth
    }
  }

  /// Sets up a ring with room for `entries` commands at a time.
  ///
  /// The corresponding C function is `io_uring_queue_init_params` with
  /// IORING_SETUP_SQE128.
  public init(entries: UInt32) throws(Errno) {
    let room = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
    let result = unsafe om_ring_open(room, entries)
    guard result >= 0 else {
      // `self` must be empty still, or deinit would close what is not open.
      unsafe room.deallocate()
      throw Errno(-result)
    }
    unsafe ring = room
  }

  deinit {
    unsafe om_ring_close(ring)
    unsafe ring.deallocate()
  }

  /// Lets the kernel have so many threads at most for commands that wait.
  ///
  /// The corresponding C function is `io_uring_register_iowq_max_workers`.
  public mutating func limitWorkers(to count: UInt32) throws(Errno) {
    try succeed(unsafe om_ring_limit_workers(ring, count))
  }

  /// Keeps a mapping's pages where they are in physical memory, for as long as
  /// the ring is open: neither compaction nor hotplug moves them, and none is
  /// in memory that is lent out meanwhile (ZONE_MOVABLE, CMA).
  ///
  /// The corresponding C function is `io_uring_register_buffers`, which pins
  /// with FOLL_LONGTERM.
  public mutating func pin(_ mapping: borrowing Mapping) throws(Errno) {
    // SAFETY: the kernel holds the pages, whatever becomes of the mapping.
    try succeed(unsafe om_ring_pin(ring, mapping.base, mapping.byteCount))
  }

  /// Queues a command with 32 bytes of payload; it is handed over by the next
  /// `wait`.
  ///
  /// The corresponding C function is `io_uring_get_sqe`, the operation
  /// IORING_OP_URING_CMD.
  public mutating func command(
    file: Int32,
    operation: UInt32,
    userData: UInt64,
    _ payload: Payload
  ) throws(Errno) {
    let result = unsafe om_ring_command(
      ring,
      file,
      operation,
      userData,
      payload.first,
      payload.second,
      payload.third,
      payload.fourth
    )
    try succeed(result)
  }

  /// Hands over what is queued and waits until something is complete or the
  /// time is over.
  ///
  /// The corresponding C function is `io_uring_submit_and_wait_timeout`.
  public mutating func wait(milliseconds: UInt32) throws(Errno) {
    try succeed(unsafe om_ring_wait(ring, milliseconds))
  }

  /// Hands over what is queued, as far as the kernel takes it now; the rest
  /// is handed over by the next `wait`.
  ///
  /// The corresponding C function is `io_uring_submit`.
  public mutating func submit() { _ = unsafe om_ring_submit(ring) }

  /// Whether a completion is there.
  ///
  /// The corresponding C function is `io_uring_cq_ready`.
  public var isReady: Bool { unsafe om_ring_ready(ring) != 0 }

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
