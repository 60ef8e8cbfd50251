// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// `oldmem report` of machines that the lab crashed.
@Suite(.serialized) struct ReportTests {
  /// lab/judges/html-report says what it looks at.
  @Test func chromiumJudgesThePage() throws {
    for vmcore in try CapturedVMCore.withFacts() {
      let words = try vmcore.judged(by: "html-report")
      #expect(words.contains("its policy refuses the network"))
    }
  }

  /// Bad usage is told from bad input, and both from what is only incomplete.
  @Test func whatCannotBeUsedIsRefused() throws {
    let status = CapturedVMCore.status(of:)
    let folder = TemporaryPath("folder")
    try FileManager.default.createDirectory(
      atPath: folder.path,
      withIntermediateDirectories: true
    )
    #expect(try status(["report", folder.path]) == 1)
    #expect(try status(["report", folder.path + "/nothing"]) == 1)
    #expect(try status(["report", "--text", "--json", folder.path]) == 2)
    #expect(try status(["status", "--last", folder.path]) == 0)
    #expect(try status(["status", folder.path]) == 2)
    #expect(try status(["status", "--last", "--prometheus"]) == 2)
    // A core of something else is said to be one, and no crash.
    let file = folder.path + "/vmcore"
    try Data([0x7f, 0x45, 0x4c, 0x46]).write(to: URL(fileURLWithPath: file))
    #expect(try status(["report", "--json", folder.path]) == 0)
    #expect(try status(["status", "--last", folder.path]) == 3)
  }
}
