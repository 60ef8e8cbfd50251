// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import SyntheticVMCore
import TestPrograms
import Testing

/// The foreign judge: what makedumpfile says of a vmcore.
struct Makedumpfile {
  let log: String
  let status: Int32

  init(_ arguments: [String]) throws {
    let done = try ProgramRun(["makedumpfile"] + arguments)
    log = done.all
    status = done.status
  }

  /// Whether it is the version that Debian 12 has.
  static let isOfDebian12 =
    (try? Makedumpfile(["-v"]))?.log.contains("version 1.7.2 ") ?? false

  /// Lets makedumpfile dump at level 31 and count, and compares what it must
  /// find in every vmcore: the free pages.
  init(
    judging vmcore: SyntheticVMCore,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let file = TemporaryFile("vmcore")
    try vmcore.write(to: file.path)
    let dump = TemporaryFile("dump")
    try self.init([
      "-c", "-d", "31", "--message-level", "31", file.path, dump.path,
    ])
    #expect(status == 0, "\(log)", sourceLocation: location)
    let free = vmcore.freeBlocks.reduce(0) { $0 + $1.frames.count }
    #expect(free > 0)
    #expect(
      count("Free pages") == free,
      "\(log)",
      sourceLocation: location
    )
  }

  /// The number in the report's line that begins with `title`.
  func count(_ title: String) -> UInt64? {
    for line in log.split(separator: "\n") {
      let parts = line.split(separator: ":")
      guard parts.count == 2,
        parts[0].trimmingCharacters(in: .whitespaces) == title
      else { continue }
      let digits = parts[1].trimmingCharacters(in: .whitespaces).dropFirst(2)
      return UInt64(digits, radix: 16)
    }
    return nil
  }
}

/// A path in the temporary directory that is removed with its owner.
final class TemporaryFile {
  let path: String

  init(_ name: String) {
    path = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)-\(name)"
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
