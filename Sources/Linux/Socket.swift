// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// A place where other processes can knock, by a name that is in no file
/// system: an abstract unix socket (unix(7)).
///
/// Messages keep their bounds (SOCK_SEQPACKET), and nothing here ever waits.
public struct Listener: ~Copyable {
  /// Readable when somebody knocks.
  public let descriptor: Descriptor

  /// Takes the name, or throws EADDRINUSE when somebody has it.
  ///
  /// The corresponding C functions are `socket`, `bind` and `listen`.
  public init(name: Path, backlog: Int32) throws(Errno) {
    descriptor = Descriptor(
      owning: try checked(
        unsafe name.withCString { unsafe om_listen($0, backlog) }
      )
    )
  }

  /// The next one who knocks; EAGAIN when nobody does.
  ///
  /// The corresponding C function is `accept4`, with SOCK_NONBLOCK.
  public func accept() throws(Errno) -> Connection {
    Connection(
      descriptor: Descriptor(owning: try checked(om_accept(descriptor.number)))
    )
  }
}

/// One of two ends between processes.
public struct Connection: ~Copyable {
  let descriptor: Descriptor

  /// Who is at the other end; of a listener's, who it was that took the name.
  public struct Peer: Equatable, Sendable {
    /// The process.
    public let process: Int32
    /// Its user.
    public let user: UInt32
  }

  init(descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// Knocks at a name, and waits no longer than so for that and for each
  /// message.
  ///
  /// The corresponding C function is `connect`, with SO_SNDTIMEO and
  /// SO_RCVTIMEO.
  public init(name: Path, milliseconds: UInt32) throws(Errno) {
    descriptor = Descriptor(
      owning: try checked(
        unsafe name.withCString { unsafe om_connect($0, milliseconds) }
      )
    )
  }

  /// Who is at the other end.
  ///
  /// The corresponding C function is `getsockopt` with SO_PEERCRED.
  public func peer() throws(Errno) -> Peer {
    var process: Int32 = 0
    var user: UInt32 = 0
    try succeed(unsafe om_peer(descriptor.number, &process, &user))
    return Peer(process: process, user: user)
  }

  /// Sends one message, or throws EAGAIN when there is no room for it now.
  ///
  /// The corresponding C function is `send`, with MSG_DONTWAIT and
  /// MSG_NOSIGNAL.
  public func send(_ bytes: RawSpan) throws(Errno) {
    let number = descriptor.number
    let sent = unsafe bytes.withUnsafeBytes { buffer in
      // SAFETY: the kernel reads at most `count` bytes of the span.
      unsafe om_send(number, buffer.baseAddress, buffer.count)
    }
    guard try checked(sent) == bytes.byteCount else { throw .inputOutput }
  }

  /// Waits for a message, and says how long it is; 0 when the other end is
  /// closed.
  ///
  /// The corresponding C function is `recv`.
  public func receive(into bytes: inout MutableRawSpan) throws(Errno) -> Int {
    let number = descriptor.number
    let got = unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the kernel writes at most `count` bytes into the span.
      unsafe om_receive(number, buffer.baseAddress, buffer.count)
    }
    return try checked(got)
  }
}

extension Descriptor {
  /// Whether a socket has something to be read: not so when the other end has
  /// been closed.
  ///
  /// The corresponding C function is `recv` with MSG_PEEK and MSG_DONTWAIT.
  public var hasInput: Bool { om_has_input(number) != 0 }
}

/// Two ends of one connection: what is written to one is read from the other.
public struct SocketPair: ~Copyable {
  /// One end.
  public let first: Descriptor
  /// The other end.
  public let second: Descriptor

  /// Makes a pair of stream sockets that are close-on-exec.
  ///
  /// The corresponding C function is `socketpair`.
  public init() throws(Errno) {
    var ends: InlineArray<2, Int32> = [-1, -1]
    var span = ends.mutableSpan
    try succeed(
      unsafe span.withUnsafeMutableBufferPointer { buffer in
        // SAFETY: two numbers are written, and there are two.
        unsafe om_socket_pair(buffer.baseAddress)
      }
    )
    first = Descriptor(owning: ends[0])
    second = Descriptor(owning: ends[1])
  }

  /// Bounds what may be on its way at a time, in either direction: memory of
  /// the sender's until the receiver has it.
  ///
  /// The corresponding C function is `setsockopt` with SO_SNDBUF, of which the
  /// kernel makes the double.
  public func limitSending(to byteCount: Int32) throws(Errno) {
    try succeed(om_limit_sending(first.number, byteCount))
    try succeed(om_limit_sending(second.number, byteCount))
  }

  /// Keeps one end and closes the other.
  public consuming func takeFirst() -> Descriptor { first }

  /// Keeps the other end and closes the first.
  public consuming func takeSecond() -> Descriptor { second }
}
