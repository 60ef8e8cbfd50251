// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Waiting for many streams at once, each known by a tag.
public struct Epoll: ~Copyable {
  private let descriptor: Descriptor

  /// What of a stream is waited for; its end always is.
  public enum Interest: UInt32, Sendable {
    /// Nothing but its end.
    case end = 0
    /// EPOLLIN: it can be received from.
    case input = 1
    /// EPOLLOUT: there is room to send.
    case output = 4
  }

  /// The tags of what is ready, at most 32 of them.
  public typealias Tags = InlineArray<32, UInt32>

  /// The corresponding C function is `epoll_create1`.
  public init() throws(Errno) {
    descriptor = Descriptor(owning: try checked(om_epoll_open()))
  }

  /// Waits for a listener's clients from now on.
  ///
  /// The corresponding C function is `epoll_ctl` with EPOLL_CTL_ADD.
  public func add(
    _ listener: borrowing StreamListener,
    tag: UInt32
  ) throws(Errno) {
    try succeed(
      om_epoll_add(descriptor.number, listener.descriptor.number, tag)
    )
  }

  /// Waits for a stream's input from now on, until it is removed.
  ///
  /// The corresponding C function is `epoll_ctl` with EPOLL_CTL_ADD.
  public func add(_ stream: Stream, tag: UInt32) throws(Errno) {
    try succeed(om_epoll_add(descriptor.number, stream.number, tag))
  }

  /// Waits for nothing of the stream any more.
  ///
  /// A stream that is closed is still waited for where its socket is open under
  /// another number. The corresponding C function is `epoll_ctl` with
  /// EPOLL_CTL_DEL.
  public func remove(_ stream: Stream) {
    om_epoll_remove(descriptor.number, stream.number)
  }

  /// Waits for something else of the stream.
  ///
  /// The corresponding C function is `epoll_ctl` with EPOLL_CTL_MOD.
  public func watch(
    _ stream: Stream,
    tag: UInt32,
    for interest: Interest
  ) throws(Errno) {
    try succeed(
      om_epoll_watch(descriptor.number, stream.number, tag, interest.rawValue)
    )
  }

  /// Waits for something else of the listener.
  ///
  /// The corresponding C function is `epoll_ctl` with EPOLL_CTL_MOD.
  public func watch(
    _ listener: borrowing StreamListener,
    tag: UInt32,
    for interest: Interest
  ) throws(Errno) {
    let number = listener.descriptor.number
    try succeed(
      om_epoll_watch(descriptor.number, number, tag, interest.rawValue)
    )
  }

  /// Waits until something is ready or the time is over, and says how many
  /// tags there are; a signal ends the wait.
  ///
  /// The corresponding C function is `epoll_wait`.
  @inline(__always)
  public func wait(
    milliseconds: Int32,
    into tags: inout Tags
  ) throws(Errno) -> Int {
    let number = descriptor.number
    var span = tags.mutableSpan
    let found = unsafe span.withUnsafeMutableBufferPointer { buffer in
      // SAFETY: at most as many numbers are written as there is room for.
      unsafe om_epoll_wait(
        number,
        buffer.baseAddress,
        Int32(buffer.count),
        milliseconds
      )
    }
    return Int(try checked(found))
  }

  /// Whether something is ready now.
  ///
  /// The corresponding C function is `epoll_wait`, without waiting.
  public var isReady: Bool {
    var tag: UInt32 = 0
    return unsafe om_epoll_wait(descriptor.number, &tag, 1, 0) > 0
  }
}
