// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import CaptureReport

/// The line of a log that says why a kernel crashed.
@Suite struct CrashLogTests {
  private static let quiet = (0..<200).map { "[\($0).000001] nothing new" }

  private func headline(_ lines: [String]) -> String? {
    CrashLog((Self.quiet + lines).joined(separator: "\n") + "\n").headline
  }

  @Test func aPanicSaysItItself() {
    #expect(
      headline([
        "[  300.1] sysrq: Trigger a crash",
        "[  300.2] Kernel panic - not syncing: sysrq triggered crash",
        "[  300.3] CPU: 0 PID: 1 Comm: bash",
      ]) == "Kernel panic - not syncing: sysrq triggered crash"
    )
  }

  @Test func aPanicAfterAnOopsLeavesItToTheOops() {
    let oops = [
      "[  300.1][   T99] BUG: kernel NULL pointer dereference, address: 0",
      "[  300.2][   T99] Oops: 0002 [#1] PREEMPT SMP",
    ]
    #expect(
      headline(
        oops + ["[  300.3] Kernel panic - not syncing: Fatal exception"]
      ) == "BUG: kernel NULL pointer dereference, address: 0"
    )
    // One that was survived long before is not why.
    #expect(
      CrashLog(
        (oops + Self.quiet + [
          "[  400.1] Kernel panic - not syncing: hung_task: blocked tasks"
        ]).joined(separator: "\n")
      ).headline == "Kernel panic - not syncing: hung_task: blocked tasks"
    )
  }

  @Test func aLogWithoutACrashHasNone() {
    #expect(headline([]) == nil)
    #expect(CrashLog("").lines.isEmpty)
  }

  @Test func whatIsKeptIsBoundedAndHasNoCommandsForTerminals() {
    let log = CrashLog(
      (["BUG: \u{1b}[2J"] + [String](repeating: "x", count: 9999))
        .joined(separator: "\n")
    )
    #expect(log.lines.count <= CrashLog.most && log.count == 10_000)
    #expect(!log.lines.joined().contains("\u{1b}"))
  }
}
