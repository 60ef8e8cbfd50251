// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Glibc
import Linux
import Memory
import NBD
import Testing

/// The kernel's ends of two socket pairs: requests from the first byte on.
@Suite struct KernelSocketTests {
  @Test func requestsAreAnsweredOnEitherSocketWithoutAHandshake() throws {
    let first = try SocketPair()
    let second = try SocketPair()
    var server = try NBDServer(
      over: first.second,
      second.second,
      exportSize: 64 << 12,
      bufferBytes: 64 << 10
    )
    var device = MemoryDevice()
    let content = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try send(request(1, at: 4096, count: 8192) + content, first.first)
    try server.serve(&device, waitingUpTo: 1000)
    #expect(try receive(16, first.first) == reply())
    try send(request(0, at: 4096, count: 8192), second.first)
    try server.serve(&device, waitingUpTo: 1000)
    #expect(try receive(16 + 8192, second.first) == reply() + content)
    let isOver = server.isDeserted
    #expect(!isOver)
  }

  /// What the kernel says when it lets go of a device.
  @Test func itIsDesertedOnceBothEndsAreGone() throws {
    let first = try SocketPair()
    let second = try SocketPair()
    var server = try NBDServer(
      over: first.second,
      second.second,
      exportSize: 64 << 12,
      bufferBytes: 64 << 10
    )
    var device = MemoryDevice()
    shutdown(first.first.number, Int32(SHUT_RDWR))
    try server.serve(&device, waitingUpTo: 1000)
    let isOver = server.isDeserted
    #expect(!isOver)
    // A socket that is open under another number too must not keep it busy.
    let isAsked = server.isAsked
    #expect(!isAsked)
    // NBD_CMD_DISC
    try send(request(2, at: 0, count: 0), second.first)
    for _ in 0..<3 where !server.isDeserted {
      try server.serve(&device, waitingUpTo: 1000)
    }
    let isOverAtLast = server.isDeserted
    #expect(isOverAtLast)
  }

  private func request(_ type: UInt16, at: UInt64, count: UInt32) -> [UInt8] {
    big(0x2560_9513 as UInt32) + big(0 as UInt16) + big(type)
      + big(0x1122_3344_5566_7788 as UInt64) + big(at) + big(count)
  }

  private func reply() -> [UInt8] {
    big(0x6744_6698 as UInt32) + big(0 as UInt32)
      + big(0x1122_3344_5566_7788 as UInt64)
  }

  private func send(_ bytes: [UInt8], _ file: borrowing Descriptor) throws {
    try #require(Glibc.write(file.number, bytes, bytes.count) == bytes.count)
  }

  private func receive(
    _ count: Int,
    _ file: borrowing Descriptor
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // What does not come is a failure, and no hang.
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(
      file.number,
      SOL_SOCKET,
      SO_RCVTIMEO,
      &limit,
      socklen_t(MemoryLayout<timeval>.size)
    )
    let got = recv(file.number, &bytes, count, Int32(MSG_WAITALL))
    try #require(got == count)
    return bytes
  }
}
