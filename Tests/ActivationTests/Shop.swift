// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Testing

/// A scratch folder that is gone with its owner, and a shell within it.
final class Shop: Sendable {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The entry's name as the kernel takes it.
  subscript(name: String) -> Path {
    Path(Array("\(folder)/\(name)".utf8).span)
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  /// What a bash script says, run in the folder; it must succeed.
  @discardableResult
  func bash(_ script: String) throws -> String {
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-e", "-u", "-o", "pipefail", "-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let pipe = Foundation.Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(script)")
    return String(decoding: output, as: UTF8.self)
  }
}
