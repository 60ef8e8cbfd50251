// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

/// The scripts that save a record beside a dump.
@Suite struct ScriptTests {
  /// packaging/capture/test says what it looks at.
  @Test func theyLeaveARecordAndNeverCostAnything() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardizedFileURL
    let oldmem = URL(filePath: CommandLine.arguments[0])
      .deletingLastPathComponent().appending(path: "oldmem")
    let run = try ProgramRun(succeeding: [
      root.appending(path: "packaging/capture/test").path, oldmem.path,
    ])
    #expect(run.output.hasSuffix("test: all passed\n"))
  }
}
