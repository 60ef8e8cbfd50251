// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Where clients of a stream knock: a unix socket's file, or a port.
public struct StreamListener: ~Copyable {
  let descriptor: Descriptor
  private let path: Path?
  private let identity: UInt64

  /// Takes a unix socket's file, mode 0600, in the place of one that nobody
  /// listens at any more; it is removed with the listener.
  ///
  /// Throws EADDRINUSE when somebody listens there, or when the file is no
  /// socket. The corresponding C functions are `bind` and `listen`.
  public init(unix path: Path, backlog: Int32) throws(Errno) {
    var identity: UInt64 = 0
    descriptor = Descriptor(
      owning: try checked(
        unsafe path.withCString {
          unsafe om_listen_unix($0, backlog, &identity)
        }
      )
    )
    self.path = path
    self.identity = identity
  }

  /// Takes a TCP port of the address, which is a number of IPv4 or IPv6.
  ///
  /// Throws EINVAL when the address is none. The corresponding C functions
  /// are `bind` and `listen`.
  public init(
    address: Path,
    port: UInt16,
    backlog: Int32
  ) throws(Errno) {
    descriptor = Descriptor(
      owning: try checked(
        unsafe address.withCString {
          unsafe om_listen_tcp($0, UInt32(port), backlog)
        }
      )
    )
    path = nil
    identity = 0
  }

  deinit {
    guard let path else { return }
    unsafe path.withCString { unsafe om_unlisten_unix($0, identity) }
  }

  /// The next one who knocks; throws EAGAIN when nobody does.
  ///
  /// The corresponding C function is `accept4`, with SOCK_NONBLOCK; then
  /// SO_SNDBUF, and for TCP TCP_NODELAY and SO_KEEPALIVE.
  public func accept(sendBuffer: Int32) throws(Errno) -> Stream {
    Stream(number: try checked(om_accept_stream(descriptor.number, sendBuffer)))
  }
}

extension Descriptor {
  /// Connects to who listens at a unix socket's file, and gives up on that and
  /// on each write after so many seconds.
  ///
  /// The corresponding C function is `connect`, with SO_SNDTIMEO.
  public init(connectedTo path: Path, seconds: Int32) throws(Errno) {
    self.init(
      owning: try checked(
        unsafe path.withCString { unsafe om_connect_unix($0, seconds) }
      )
    )
  }

  /// The same to a TCP port of an address, which is a number.
  ///
  /// Throws EINVAL when the address is none.
  public init(
    connectedTo address: Path,
    port: UInt16,
    seconds: Int32
  ) throws(Errno) {
    self.init(
      owning: try checked(
        unsafe address.withCString {
          unsafe om_connect_tcp($0, UInt32(port), seconds)
        }
      )
    )
  }
}

/// A client's end of a stream, which its owner closes by hand: it lies in a
/// table.
public struct Stream: Equatable, Sendable {
  /// The kernel's number for it.
  let number: Int32

  init(number: Int32) { self.number = number }

  /// Another hold on an open socket, which this stream closes.
  ///
  /// The corresponding C function is `fcntl` with F_DUPFD_CLOEXEC.
  public init(of socket: borrowing Descriptor) throws(Errno) {
    number = try checked(om_duplicate(socket.number))
  }

  /// Closes the stream.
  public func close() { _ = om_close(number) }

  /// Sends as many of the buffer's bytes in `range` as there is room for now;
  /// throws EAGAIN when that is none.
  ///
  /// A range outside is a trap. The corresponding C function is `send`, with
  /// MSG_DONTWAIT and MSG_NOSIGNAL.
  public func send(
    _ buffer: borrowing Mapping,
    _ range: Range<Int>
  ) throws(Errno) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.byteCount)
    // SAFETY: the kernel reads bytes inside the mapping, as checked.
    let sent = unsafe om_send_stream(
      number,
      buffer.base + range.lowerBound,
      range.count
    )
    return try checked(sent)
  }

  /// Takes what has come, as far as there is room in the buffer from `offset`
  /// on: 0 at the end, EAGAIN when there is nothing now.
  ///
  /// An offset outside is a trap. The corresponding C function is `recv`, with
  /// MSG_DONTWAIT.
  public func receive(
    into buffer: inout Mapping,
    after offset: Int
  ) throws(Errno) -> Int {
    precondition(offset >= 0 && offset <= buffer.byteCount)
    // SAFETY: the kernel writes bytes inside the mapping, as checked.
    let got = unsafe om_receive_stream(
      number,
      buffer.base + offset,
      buffer.byteCount - offset
    )
    return try checked(got)
  }
}
