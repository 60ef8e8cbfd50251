// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import RescueStream

/// How long somebody is waited for, which the two sides of a channel share.
final class Patience {
  /// The end of all patience, while nobody knows who is there.
  var deadline: ContinuousClock.Instant?
  /// How long nothing may come.
  let idle: Duration
  /// Why nothing more came.
  private(set) var ending = Ending.open

  enum Ending { case open, closed, silent, broken }

  init(idle: Duration, deadline: ContinuousClock.Instant?) {
    self.idle = idle
    self.deadline = deadline
  }

  func end(_ ending: Ending) { self.ending = ending }

  /// Milliseconds that the next step may take.
  var milliseconds: Int32 {
    let left = deadline.map { min(idle, $0 - .now) } ?? idle
    let (seconds, rest) = left.components
    let whole = max(0, min(86_400, seconds)) * 1000
    return Int32(max(0, whole + rest / 1_000_000_000_000_000))
  }
}

/// A connection that somebody has made to us.
struct SocketChannel: ByteChannel, ~Copyable {
  private let socket: Int32
  private let patience: Patience

  init(_ socket: Int32, _ patience: Patience) {
    self.socket = socket
    self.patience = patience
  }

  deinit { close(socket) }

  mutating func write(_ bytes: RawSpan) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      guard isReady(for: Int16(POLLOUT)) else { return false }
      let sent = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: as many bytes are read as the buffer has.
        unsafe send(
          socket,
          buffer.baseAddress,
          buffer.count,
          Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        )
      }
      guard sent > 0 else {
        if sent < 0, errno == EINTR || errno == EAGAIN { continue }
        patience.end(.broken)
        return false
      }
      rest = rest.extracting(droppingFirst: sent)
    }
    return true
  }

  mutating func fill(_ bytes: inout MutableRawSpan) -> Bool {
    var filled = 0
    while filled < bytes.byteCount {
      var rest = bytes._mutatingExtracting(droppingFirst: filled)
      let got = take(&rest)
      guard got > 0 else { return false }
      filled += got
    }
    return true
  }

  /// Takes what comes next; 0 where nothing more does.
  mutating func take(_ bytes: inout MutableRawSpan) -> Int {
    while true {
      guard isReady(for: Int16(POLLIN)) else { return 0 }
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        // SAFETY: at most as many bytes are written as the buffer has.
        unsafe recv(
          socket,
          buffer.baseAddress,
          buffer.count,
          Int32(MSG_DONTWAIT)
        )
      }
      if got > 0 { return got }
      if got < 0, errno == EINTR || errno == EAGAIN { continue }
      patience.end(got == 0 ? .closed : .broken)
      return 0
    }
  }

  private func isReady(for event: Int16) -> Bool {
    while true {
      var entry = pollfd(fd: socket, events: event, revents: 0)
      // SAFETY: one entry is read and written.
      let found = unsafe poll(&entry, 1, patience.milliseconds)
      if found > 0 { return true }
      if found < 0, errno == EINTR { continue }
      patience.end(.silent)
      return false
    }
  }
}
