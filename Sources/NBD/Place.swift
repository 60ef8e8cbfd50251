// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Where a server is to be found: `unix:PATH`, `tcp:PORT` or
/// `tcp:ADDRESS:PORT`.
public enum Place: Sendable {
  /// A socket's file.
  case unix(Path)
  /// A port of a numeric address.
  case tcp(address: Path, port: UInt16)

  /// The address of who does not name one: nobody from outside.
  static let loopback: Path = "127.0.0.1"

  /// Reads a place; nil when it is none.
  ///
  /// An address of IPv6 is in brackets.
  public init?(_ text: Path) {
    if text.hasPrefix("unix:"), text.count > 5 {
      self = .unix(text.droppingFirst(5))
      return
    }
    guard text.hasPrefix("tcp:") else { return nil }
    let rest = text.droppingFirst(4)
    let bytes = rest.text
    var colon = bytes.count
    while colon > 0, bytes[colon - 1] != 0x3a { colon -= 1 }
    var port: UInt32 = 0
    guard (1...5).contains(bytes.count - colon) else { return nil }
    for index in colon..<bytes.count {
      guard case 0x30...0x39 = bytes[index] else { return nil }
      port = port * 10 + UInt32(bytes[index] - 0x30)
    }
    guard (1...65535).contains(port) else { return nil }
    var (first, last) = (0, max(0, colon - 1))
    guard colon != 1 else { return nil }
    if last > 2, bytes[0] == 0x5b, bytes[last - 1] == 0x5d {
      (first, last) = (1, last - 1)
    }
    self = .tcp(
      address: first == last
        ? Place.loopback : Path(bytes.extracting(first..<last)),
      port: UInt16(truncatingIfNeeded: port)
    )
  }

  /// Connects to who listens there, and waits no longer than so for that and
  /// for each write.
  public func connect(seconds: Int32) throws(Errno) -> Descriptor {
    switch self {
    case .unix(let path):
      try Descriptor(connectedTo: path, seconds: seconds)
    case .tcp(let address, let port):
      try Descriptor(connectedTo: address, port: port, seconds: seconds)
    }
  }

  /// Listens there.
  func listener() throws(NBDError) -> StreamListener {
    do throws(Errno) {
      switch self {
      case .unix(let path):
        return try StreamListener(unix: path, backlog: 64)
      case .tcp(let address, let port):
        return try StreamListener(address: address, port: port, backlog: 64)
      }
    } catch { throw .listen(error) }
  }
}
