// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

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

  let listener: StreamListener
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
    self.listener = listener
    self.epoll = epoll
    self.connections = connections
    self.shape = shape
    self.exportSize = exportSize
  }

  /// What there is to say of clients.
  public mutating func takeNote() -> NBDNote? { notes.take() }

  /// Whether somebody waits to be served.
  public var isAsked: Bool { epoll.isReady }

  /// Accepts nobody any more, and answers what still comes with ESHUTDOWN;
  /// to be served until `isIdle`, or as long as one likes.
  public mutating func end() {
    isEnding = true
    try? epoll.watch(listener, tag: Self.listening, for: .end)
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
}
