// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Supervisor
import Testing

/// Processes that have a file open in place of /proc/vmcore.
@Suite struct DumpProgressTests {
  private static func path(_ url: URL) -> Path {
    Path(Array(url.path.utf8).span)
  }

  /// Runs `script` with the file as standard input and a pipe of its own, and
  /// lets it speak its first word before `body`.
  private func with(
    _ script: String,
    _ body: (Path, Foundation.Pipe, Foundation.Process) throws -> Void
  ) throws {
    let file = URL(filePath: NSTemporaryDirectory())
      .appending(path: "oldmem-vmcore-\(UUID().uuidString)")
    try Data(count: 1 << 16).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let child = Foundation.Process()
    let (input, output) = (Foundation.Pipe(), Foundation.Pipe())
    child.executableURL = URL(filePath: "/bin/bash")
    child.arguments = ["-c", "exec 7< \"$0\"; " + script, file.path]
    child.standardInput = input
    child.standardOutput = output
    try child.run()
    _ = try output.fileHandleForReading.read(upToCount: 6)
    defer {
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
    }
    try body(Self.path(file), input, child)
  }

  @Test func whoDoesNothingMakesNoProgress() throws {
    try with("echo ready; read -r word") { file, _, _ in
      let sum = DumpProgress.sum(of: file)
      #expect(sum != nil)
      #expect(DumpProgress.sum(of: file) == sum)
    }
  }

  @Test func whoReadsOrWritesMakesProgress() throws {
    let script = "echo ready; read -r word; head -c 4096 <&7; read -r word"
    try with(script) { file, input, child in
      let sum = try #require(DumpProgress.sum(of: file))
      try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))
      // It goes on to wait again, at the latest when it has read.
      while DumpProgress.sum(of: file) == sum { usleep(1000) }
      #expect(child.isRunning)
    }
  }

  /// A server of ours may have the file open, and is never still.
  @Test func whatIsOursDoesNotCount() throws {
    let script = "echo oldmemd-x > /proc/$$/comm; echo ready; read -r word"
    try with(script) { file, _, _ in
      #expect(DumpProgress.sum(of: file) == nil)
    }
  }

  @Test func aFileThatNobodyHasOpenHasNoProgress() throws {
    let file = URL(filePath: NSTemporaryDirectory())
      .appending(path: "oldmem-vmcore-\(UUID().uuidString)")
    try Data(count: 1).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(DumpProgress.sum(of: Self.path(file)) == nil)
  }
}
