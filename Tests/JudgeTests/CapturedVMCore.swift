// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Memory

/// The vmcore of a machine that the lab crashed.
struct CapturedVMCore {
  let path: String

  var name: String { URL(fileURLWithPath: path).lastPathComponent }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// All that the lab has left, at least one.
  static func all() throws -> [CapturedVMCore] {
    let folder = root + "/.build/lab/vmcores"
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    let vmcores = (names ?? []).sorted().filter { $0.hasSuffix("vmcore") }
      .map { CapturedVMCore(path: folder + "/" + $0) }
    guard !vmcores.isEmpty else {
      throw Missing(
        description: "no vmcore in \(folder): "
          + "`build/bin/oldmem-lab run capture-vmcore` makes one"
      )
    }
    return vmcores
  }

  /// The runs of frames that `oldmem scan` would lend at a dump level.
  ///
  /// The makedumpfile that judges is the one that scan takes into account.
  func scan(level: Int) throws -> [FrameRange] {
    let frames = TemporaryPath("frames")
    try Self.run(
      [Self.oldmem, "scan", "--dump-level", "\(level)", "--frames"]
        + [frames.path, path]
    )
    let text = try String(contentsOfFile: frames.path, encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      guard words.count == 3, let start = UInt64(words[0]),
        let count = UInt64(words[1])
      else { throw Missing(description: "no line of --frames: \(line)") }
      return FrameRange(start: FrameNumber(start), count: count)
    }
  }

  /// What makedumpfile dumps at a dump level.
  func dump(level: Int) throws -> KdumpFile {
    let dump = TemporaryPath("dump")
    try Self.run(["makedumpfile", "-l", "-d", "\(level)", path, dump.path])
    return try KdumpFile(path: dump.path)
  }

  /// The package, two folders up from this one.
  private static var root: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// The oldmem that was built with the tests, beside them.
  private static var oldmem: String {
    URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().path + "/oldmem"
  }

  /// Runs a command to its end and returns what it prints.
  @discardableResult
  static func run(_ command: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Missing(
        description: "\(command.joined(separator: " ")):\n"
          + String(decoding: bytes, as: UTF8.self)
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A path under .build that is removed with its owner.
final class TemporaryPath {
  let path: String

  init(_ name: String) {
    path = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)-\(name)"
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
