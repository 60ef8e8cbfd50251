// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Rescue
import RescueReceiver

@testable import RescueStream

/// Keeps what a console was given.
struct ConsoleSink: ByteSink {
  let record = Record()

  mutating func write(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { record.written += Array($0) }
    return true
  }
}

/// A file that goes over a console.
struct ConsoleText {
  /// What the console has shown, a line each, without their ends.
  var lines = [[UInt8]]()
  /// The file.
  var file: [UInt8]

  /// Writes these pieces.
  init(
    _ pieces: [(Int, [UInt8])],
    transfer: UInt16 = 7,
    isWhole: Bool = true
  ) {
    let console = ConsoleSink()
    var sink = LineSink(
      to: console,
      kind: .dump,
      transfer: transfer,
      name: Array("host".utf8)
    )
    file = []
    for (offset, bytes) in pieces {
      let span = bytes.span
      precondition(sink.write(span.bytes, at: UInt64(offset)))
      let missing = offset + bytes.count - file.count
      if missing > 0 { file += [UInt8](repeating: 0, count: missing) }
      file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    precondition(sink.end(isWhole: isWhole))
    lines = console.record.written.split(separator: 0x0a).map(Array.init)
  }

  /// Three runs that are no multiple of a line, one of them written over.
  static let usual = ConsoleText([
    (0, Array("head, which says that it is not all".utf8)),
    (500, (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 1) }),
    (6000, [1, 2, 3]), (0, Array("HEAD, ".utf8)),
  ])

  /// The lines with their ends.
  static func text(_ lines: some Sequence<[UInt8]>) -> [UInt8] {
    lines.reduce(into: []) { $0 += $1 + [0x0a] }
  }

  var text: [UInt8] { Self.text(lines) }

  /// What is found in a console's log, in pieces of any size.
  static func found(
    in text: [UInt8],
    step: Int = 1000
  ) throws -> (report: ConsoleReport?, file: [UInt8]?) {
    let path = "/dev/shm/oldmem-console-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let report = try received(text, as: path, step)
    let data = try? Data(contentsOf: URL(fileURLWithPath: path))
    return (report, data.map(Array.init))
  }

  private static func received(
    _ text: [UInt8],
    as path: String,
    _ step: Int
  ) throws -> ConsoleReport? {
    var transfer = try ConsoleTransfer(to: path, limit: 1 << 30)
    var start = 0
    while start < text.count {
      try transfer.take(Array(text[start..<min(text.count, start + step)]))
      start += step
    }
    return try transfer.finish()
  }

  /// Whether a file is ours but for what is said to be missing.
  func agrees(_ other: [UInt8], _ report: ConsoleReport) -> Bool {
    for index in file.indices {
      let isMissing = report.missing.contains { $0.contains(UInt64(index)) }
      let byte = index < other.count ? other[index] : nil
      if !isMissing, byte != file[index] { return false }
    }
    return true
  }
}
