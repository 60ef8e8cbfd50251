// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// The logs of real kernels, judged by makedumpfile.
@Suite(.serialized) struct DmesgTests {
  @Test func theLogIsByteForByteMakedumpfiles() throws {
    for vmcore in try CapturedVMCore.all() {
      let log = TemporaryPath("log")
      try CapturedVMCore.run([
        "makedumpfile", "--dump-dmesg", vmcore.path, log.path,
      ])
      let dumped = try String(contentsOfFile: log.path, encoding: .utf8)
      #expect(try vmcore.oldmem(["dmesg"]) == dumped, "\(vmcore.name)")
      #expect(dumped.contains("Linux version"))
    }
  }

  /// To its output and to a file, with 4 MiB of address space for everything.
  @Test func theDaemonPrintsTheSameInLittleMemory() throws {
    for vmcore in try CapturedVMCore.all() {
      let file = TemporaryPath("log")
      let script = "ulimit -v 4096; \"$0\" dmesg --vmcore \"$1\" $2"
      let command = ["bash", "-c", script, CapturedVMCore.oldmemd, vmcore.path]
      let text = try vmcore.oldmem(["dmesg"])
      #expect(try CapturedVMCore.run(command) == text, "\(vmcore.name)")
      #expect(try CapturedVMCore.run(command + [file.path]) == "")
      #expect(try String(contentsOfFile: file.path, encoding: .utf8) == text)
    }
  }

  /// On a terminal, which script(1) makes.
  @Test func coloursGoAwayWithNoColor() throws {
    let vmcore = try #require(try CapturedVMCore.all().first)
    func shown(_ variable: String, _ options: String = "") throws -> String {
      try CapturedVMCore.run([
        "env", "-u", "NO_COLOR", variable, "script", "-qec",
        "'\(CapturedVMCore.oldmem)' dmesg -H \(options) '\(vmcore.path)'",
        "/dev/null",
      ])
    }
    #expect(try shown("A=1").contains("\u{1b}[32m"))
    // Set to nothing is not set (no-color.org).
    #expect(try shown("NO_COLOR=").contains("\u{1b}[32m"))
    #expect(try !shown("NO_COLOR=1").contains("\u{1b}"))
    #expect(
      try shown("NO_COLOR=1", "--color always").contains("\u{1b}[32m")
    )
  }

  @Test func jsonHasEachMessageOnce() throws {
    struct Log: Decodable {
      struct Message: Decodable {
        let sequence: UInt64
        let time: Double
        let level: String
        let text: String
      }

      let dmesg: [Message]
    }
    for vmcore in try CapturedVMCore.all() {
      let json = try vmcore.oldmem(["dmesg", "--json"])
      let log = try JSONDecoder().decode(Log.self, from: Data(json.utf8))
      let numbers = log.dmesg.map(\.sequence)
      #expect(numbers.count > 100)
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
      let lines = log.dmesg.flatMap { $0.text.split(separator: "\n") }
      let text = try vmcore.oldmem(["dmesg"])
      #expect(lines.allSatisfy { text.contains($0) })
      #expect(log.dmesg.contains { $0.level == "emerg" || $0.level == "alert" })
    }
  }
}
