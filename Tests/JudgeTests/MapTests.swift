// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// `oldmem map` of machines that the lab crashed.
@Suite(.serialized) struct MapTests {
  /// lab/judges/html-map says what it looks at.
  @Test func chromiumJudgesThePage() throws {
    for vmcore in try CapturedVMCore.withFacts() {
      let words = try vmcore.judged(by: "html-map")
      #expect(words.contains("its policy refuses the network"))
    }
  }

  /// A terminal gets colours, unless it or its user does not want any; what is
  /// not a terminal gets letters.
  @Test func coloursAreForTerminalsThatWantThem() throws {
    let vmcore = try #require(CapturedVMCore.all().first)
    func onTerminal(_ environment: String, _ options: String = "") throws
      -> String
    {
      let command =
        "stty cols 100 rows 50; env \(environment) LC_ALL=C.UTF-8 "
        + "'\(CapturedVMCore.oldmem)' map \(options) '\(vmcore.path)'"
      return try CapturedVMCore.run(
        ["script", "--quiet", "--return", "--command", command, "/dev/null"]
      )
    }
    let escape = "\u{1b}["
    let full = try onTerminal("NO_COLOR= TERM=xterm COLORTERM=truecolor")
    #expect(full.contains(escape + "48;2;") && full.contains("\u{2580}"))
    let few = try onTerminal("NO_COLOR= TERM=xterm-256color COLORTERM=")
    #expect(few.contains(escape + "48;5;") && !few.contains("48;2;"))
    let map = few.split(separator: "\r\n").prefix { !$0.hasPrefix("      ") }
    #expect(map.count <= 40)
    for plain in [
      try onTerminal("NO_COLOR=1 TERM=xterm-256color"),
      try onTerminal("NO_COLOR= TERM=dumb"),
      try onTerminal("NO_COLOR= TERM=xterm", "--color never"),
      try vmcore.oldmem(["map"]),
      try vmcore.oldmem(["map", "--hilbert"]),
    ] {
      #expect(!plain.contains("\u{1b}") && plain.utf8.allSatisfy { $0 < 0x80 })
      #expect(plain.contains("would be lent, copy 2"))
    }
    let forced = try vmcore.oldmem(["map", "--color", "always"])
    #expect(forced.contains(escape))
  }

  /// What is there is replaced only by who says so, and bad usage is told
  /// from bad input.
  @Test func nothingIsReplacedUnasked() throws {
    let vmcore = try #require(CapturedVMCore.all().first)
    let path = TemporaryPath("svg")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path.path))
    func status(_ options: [String]) throws -> Int32 {
      try CapturedVMCore.status(of: ["map"] + options)
    }
    func content() throws -> String {
      try String(contentsOfFile: path.path, encoding: .utf8)
    }
    let write = ["--svg", "--output", path.path, vmcore.path]
    #expect(try status(write) == 1 && content() == "mine")
    #expect(try status(["--force"] + write) == 0)
    #expect(try content().hasPrefix("<svg"))
    #expect(try status(["--svg", "--html", vmcore.path]) == 2)
    #expect(try status(["--svg", "--columns", "80", vmcore.path]) == 2)
    #expect(try status(["--columns", "5", vmcore.path]) == 2)
    #expect(try status(["--svg", "--output", "/no/where", vmcore.path]) == 1)
    #expect(try status(["/dev/null"]) == 1)
  }
}
