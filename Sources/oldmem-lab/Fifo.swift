// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Glibc

/// One of QEMU's pipes.
///
/// `PATH.in` takes what we send, `PATH.out` gives what the machine says.
/// Neither ever blocks.
final class Fifo {
  private let incoming: Int32
  private let outgoing: Int32

  /// Makes both files anew and opens them.
  init(path: String) throws {
    incoming = try Self.make(path + ".out")
    outgoing = try Self.make(path + ".in")
  }

  deinit {
    close(incoming)
    close(outgoing)
  }

  /// The descriptor that poll(2) waits on.
  var descriptor: Int32 { incoming }

  /// What has arrived; empty when nothing has.
  func receive() throws -> [UInt8] {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while all.count < 1 << 20 {
      // SAFETY: the pointer and the length are of the same buffer.
      let count = unsafe part.withUnsafeMutableBytes {
        unsafe read(incoming, $0.baseAddress, $0.count)
      }
      if count < 0, errno != EAGAIN, errno != EINTR {
        throw LabError.system("read", code: errno)
      }
      guard count > 0 else { break }
      all += part[..<count]
    }
    return all
  }

  /// Sends a line; the pipe holds 64 KiB, more than is ever under way.
  func send(_ line: String) throws {
    let bytes = Array((line + "\n").utf8)
    // SAFETY: the pointer and the length are of the same buffer.
    let count = unsafe bytes.withUnsafeBytes {
      unsafe write(outgoing, $0.baseAddress, $0.count)
    }
    guard count == bytes.count else {
      throw LabError.system("write", code: errno)
    }
  }

  /// Waits until one of them has something to say, or the time is over.
  static func wait(for fifos: [Fifo], milliseconds: Int32) {
    var list = fifos.map {
      pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
    }
    // SAFETY: the list is as long as is said.
    _ = unsafe poll(&list, nfds_t(list.count), milliseconds)
  }

  /// Whether a read would not block: there is something, or the end.
  static func isReadable(
    _ descriptor: Int32,
    within milliseconds: Int32
  ) -> Bool {
    var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: one entry is what is said.
    return unsafe poll(&one, 1, milliseconds) > 0
  }

  private static func make(_ path: String) throws -> Int32 {
    // SAFETY: the string lives as long as the call.
    unsafe unlink(path)
    // SAFETY: as above.
    guard unsafe mkfifo(path, 0o600) == 0 else {
      throw LabError.system("mkfifo \(path)", code: errno)
    }
    // Read and write: neither the open nor a late QEMU then matters.
    // SAFETY: as above.
    let descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw LabError.system("open \(path)", code: errno)
    }
    return descriptor
  }
}
