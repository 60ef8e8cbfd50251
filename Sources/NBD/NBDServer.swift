// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// One export for a fixed number of clients, in one thread.
///
/// All memory is there from the start. A client has a turn when something can
/// be done for it; what it does or leaves undone holds up nobody else.
public struct NBDServer: ~Copyable {
  /// How much there is for clients.
  public struct Shape: Equatable, Sendable {
    /// How many clients there may be at a time, 1 to 128.
    public var connections: Int
    /// The bytes that are received or sent at a time.
    public var bufferBytes: Int

    /// Makes a shape; what makes no sense is brought into range.
    public init(connections: Int = 16, bufferBytes: Int = 256 << 10) {
      self.connections = min(max(connections, 1), 128)
      let wanted = min(max(bufferBytes, Session.leastBuffer), 16 << 20)
      self.bufferBytes = wanted / 4096 * 4096
    }

    /// Data of a buffer's size, and the headers that go with it.
    var stride: Int { bufferBytes + 4096 }

    /// What the kernel may hold of one client's replies.
    var sendBuffer: Int32 { Int32(clamping: max(bufferBytes, 256 << 10)) }
  }

  /// How long a handshake may take, in nanoseconds.
  static let patience: UInt64 = 10_000_000_000
  /// How long nobody is accepted when the kernel is short of something.
  static let pause: UInt64 = 100_000_000
  static let listening: UInt32 = .max

  /// None where the only client is there from the start.
  let listener: StreamListener?
  let epoll: Epoll
  let shape: Shape
  let exportSize: UInt64
  var connections: ConnectionTable
  var notes = Notes()
  var pausedUntil: UInt64 = 0
  /// Whether nobody is accepted and no request is begun any more.
  public private(set) var isEnding = false

  /// Listens at a place, for clients of an export of so many bytes.
  public init(
    at place: Place,
    exportSize: UInt64,
    _ shape: Shape
  ) throws(NBDError) {
    let connections = try attempt(NBDError.memory) { () throws(Errno) in
      try ConnectionTable(
        count: shape.connections,
        byteCount: shape.stride
      )
    }
    let epoll = try attempt(NBDError.wait) { () throws(Errno) in
      try Epoll()
    }
    let listener = try place.listener()
    do throws(Errno) {
      try epoll.add(listener, tag: Self.listening)
    } catch { throw .wait(error) }
    self.listener = consume listener
    self.epoll = epoll
    self.connections = connections
    self.shape = shape
    self.exportSize = exportSize
  }

  /// Serves the one who has the other ends of two sockets, without a
  /// handshake: the kernel, which may send requests by either.
  public init(
    over first: borrowing Descriptor,
    _ second: borrowing Descriptor,
    exportSize: UInt64,
    bufferBytes: Int
  ) throws(NBDError) {
    let shape = Shape(connections: 2, bufferBytes: bufferBytes)
    var connections = try attempt(NBDError.memory) { () throws(Errno) in
      try ConnectionTable(count: 2, byteCount: shape.stride)
    }
    let epoll = try attempt(NBDError.wait) { () throws(Errno) in
      try Epoll()
    }
    do throws(Errno) {
      let streams = [try Stream(of: first), try Stream(of: second)]
      for index in 0..<2 {
        try epoll.add(streams[index], tag: UInt32(index))
        connections[index].open(
          streams[index],
          exportSize: exportSize,
          deadline: 0
        )
      }
    } catch { throw .wait(error) }
    listener = nil
    self.epoll = epoll
    self.connections = connections
    self.shape = shape
    self.exportSize = exportSize
  }

  /// Whether nobody can come any more, and nobody is left.
  public var isDeserted: Bool {
    switch listener {
    case .some: false
    case nil: isIdle
    }
  }

  /// What there is to say of clients.
  public mutating func takeNote() -> NBDNote? { notes.take() }

  /// Whether somebody waits to be served.
  public var isAsked: Bool { epoll.isReady }

  /// Accepts nobody any more, and answers what still comes with ESHUTDOWN;
  /// to be served until `isIdle`, or as long as one likes.
  public mutating func end() {
    isEnding = true
    watchListener(for: .end)
    for index in 0..<connections.count where connections[index].stream != nil {
      connections[index].end()
    }
  }

  /// Whether no client is left.
  public var isIdle: Bool {
    for index in 0..<connections.count where connections[index].stream != nil {
      return false
    }
    return true
  }

  /// Waits for those who knock, or does not.
  func watchListener(for interest: Epoll.Interest) {
    switch listener {
    case .some(let listener):
      try? epoll.watch(listener, tag: Self.listening, for: interest)
    case nil: break
    }
  }
}
