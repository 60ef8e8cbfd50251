// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Glibc

/// What goes wrong on the client's side of a connection.
public enum ClientError: Error, Equatable, Sendable {
  /// Nobody listens, or nobody accepts.
  case unreachable(Int32)
  /// Nothing has moved for ten seconds.
  case stuck
  /// The server has closed the connection.
  case closed
  /// The server says something else than it should.
  case unexpected(String)
}

/// A client's end of a unix stream that can send anything.
public final class RawClient {
  private let file: Int32
  private static let patience: Int32 = 10_000

  /// Knocks at a socket's file.
  public init(path: String) throws(ClientError) {
    let file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard file >= 0 else { throw .unreachable(errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: path.utf8)
    }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let reason = errno
      close(file)
      throw .unreachable(reason)
    }
    _ = fcntl(file, F_SETFL, O_NONBLOCK)
    self.file = file
  }

  deinit { close(file) }

  /// Sends everything, and takes what is answered meanwhile: gives back that,
  /// as far as `keep` bytes of it.
  ///
  /// Ends early, without an error, when the server closes the connection.
  @discardableResult
  public func send(
    _ bytes: [UInt8],
    piece: Int = .max,
    takes: Bool = true,
    keep: Int = 0
  ) throws(ClientError) -> [UInt8] {
    var kept: [UInt8] = []
    var sent = 0
    while sent < bytes.count {
      let count = min(piece, bytes.count - sent)
      let step = bytes[sent..<sent + count].withUnsafeBytes {
        Glibc.send(file, $0.baseAddress, count, Int32(MSG_NOSIGNAL))
      }
      if step > 0 {
        sent += step
        continue
      }
      guard errno == EAGAIN else { return kept }
      // Who takes nothing may well have nothing taken.
      guard takes else { return kept }
      let ready = try wait(for: POLLIN | POLLOUT)
      guard ready & POLLIN != 0 else { continue }
      switch take() {
      case nil: return kept
      case .some(let got): kept += got.prefix(max(0, keep - kept.count))
      }
    }
    return kept
  }

  /// Says that no more comes.
  public func sayDone() { _ = shutdown(file, Int32(SHUT_WR)) }

  /// Says that no more comes, and takes everything up to the server's end.
  public func finish() throws(ClientError) {
    sayDone()
    while true {
      _ = try wait(for: POLLIN)
      guard take() != nil else { return }
    }
  }

  /// Takes exactly so many bytes.
  public func receive(_ count: Int) throws(ClientError) -> [UInt8] {
    var got: [UInt8] = []
    while got.count < count {
      _ = try wait(for: POLLIN)
      guard let more = take(atMost: count - got.count) else { throw .closed }
      got += more
    }
    return got
  }

  /// Whether the server closes the connection within the time given.
  public func isClosed(within milliseconds: Int32) -> Bool {
    var one = pollfd(file: file, events: POLLIN)
    while poll(&one, 1, milliseconds) > 0 {
      if take() == nil { return true }
    }
    return false
  }

  private func wait(for events: Int32) throws(ClientError) -> Int32 {
    var one = pollfd(file: file, events: events)
    guard poll(&one, 1, Self.patience) > 0 else { throw .stuck }
    return Int32(one.revents) | (Int32(one.revents) & POLLHUP != 0 ? POLLIN : 0)
  }

  /// What has come; nil at the end.
  private func take(atMost limit: Int = 1 << 18) -> [UInt8]? {
    var ended = false
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      let got = recv(file, buffer.baseAddress, limit, 0)
      count = max(0, got)
      ended = got == 0 || got < 0 && errno != EAGAIN
    }
    return ended ? nil : bytes
  }
}

extension pollfd {
  fileprivate init(file: Int32, events: Int32) {
    self.init(fd: file, events: Int16(events), revents: 0)
  }
}
