// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// A client as a server may expect it, and what it expects of a server.
public enum GoodClient {
  /// Shakes hands, writes, reads what it has written, and disconnects.
  public static func visit(
    path: String,
    exportSize: UInt64,
    seed: UInt64
  ) throws(ClientError) {
    let client = try RawClient(path: path)
    let greeting = try client.receive(18)
    guard greeting == Array("NBDMAGICIHAVEOPT".utf8) + [0, 3] else {
      throw .unexpected("greeting")
    }
    try client.send(big(UInt32(3)) + option(7, big(UInt32(0)) + [0, 0]))
    let export = try client.receive(20 + 12 + 20)
    guard
      export[20..<32].elementsEqual([0, 0] + big(exportSize) + export[30..<32])
    else { throw .unexpected("reply to GO") }
    var random = Draws(seed: seed)
    // Anywhere, and of any length that goes into a test.
    let length = 1 + random.next() % 100_000
    let offset = random.next() % (exportSize - length)
    let data = (0..<Int(length)).map { _ in
      UInt8(truncatingIfNeeded: random.next())
    }
    let (first, second) = (random.next(), random.next())
    try client.send(
      request(1, cookie: first, offset, UInt32(length)) + data
        + request(0, cookie: second, offset, UInt32(length))
    )
    guard try client.receive(16) == reply(cookie: first) else {
      throw .unexpected("reply to WRITE")
    }
    guard try client.receive(16) == reply(cookie: second) else {
      throw .unexpected("reply to READ")
    }
    guard try client.receive(Int(length)) == data else {
      throw .unexpected("other data than was written")
    }
    try client.send(request(2, cookie: 0, 0, 0))
    guard client.isClosed(within: 10_000) else { throw .stuck }
  }

  private static func big<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func option(_ number: UInt32, _ data: [UInt8]) -> [UInt8] {
    Array("IHAVEOPT".utf8) + big(number) + big(UInt32(data.count)) + data
  }

  private static func request(
    _ command: UInt16,
    cookie: UInt64,
    _ offset: UInt64,
    _ length: UInt32
  ) -> [UInt8] {
    big(UInt32(0x2560_9513)) + big(UInt16(0)) + big(command) + big(cookie)
      + big(offset) + big(length)
  }

  private static func reply(cookie: UInt64) -> [UInt8] {
    big(UInt32(0x6744_6698)) + big(UInt32(0)) + big(cookie)
  }
}
