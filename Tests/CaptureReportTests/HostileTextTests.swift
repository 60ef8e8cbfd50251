// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

@testable import CaptureReport

/// What comes from a record, from a dump or out of a name may have any letter in
/// it.
@Suite struct HostileTextTests {
  /// The terminal is root's: nothing of a record or of a name is a command for
  /// it, or a line of its own.
  @Test func nothingIsACommandForATerminal() throws {
    let escape = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\r"
    let json = "\\u001b]0;x\\u0007\\u009b2J\\u202e\\r\\nMARKED"
    let folder = try CaptureFolder()
    let path = folder.path + "/1" + escape
    let name = "1\(escape)/dump.\(escape)"
    try folder.write(name, CaptureFolder.dump())
    try folder.write("1\(escape)/lent-frames", "1 1 \(escape)\n")
    try folder.write(
      "1\(escape)/oldmem-record.json",
      """
      {"dump": {"target": "\(json)", "status": 1, "seconds": 1},
       "kernel": "\(json)", "commandLine": "\(json)",
       "settings": ["\(json)"], "memory": {"\(json)": 1},
       "lent": {"frames": 1, "runs": 1},
       "status": {"health": {"state": "\(json)", "reason": "\(json)"},
         "damage": {"total": 0},
         "device": {"path": "\(json)", "blocks": 1, "copies": 1},
         "counters": {"\(json)": 1}},
       "events": [{"seconds": 1, "from": "\(json)", "to": "\(json)",
         "reason": "\(json)"}],
       "samples": [[1,1,1],[2,2,2]],
       "log": ["\(json)", "oldmem: 1 MiB lent, \(json)"]}
      """
    )
    let files = try #require(CaptureFiles(path))
    let account = CaptureAccount(files)
    // It is read all the same.
    #expect(account.dump?.isComplete == true && account.record?.state != nil)
    let last = try #require(LastCapture(below: folder.path))
    let encoder = JSONEncoder()
    let outputs = [
      account.text, CapturePage(account).html,
      last.lines.joined(separator: "\n"),
      String(decoding: try encoder.encode(account), as: UTF8.self),
      String(decoding: try encoder.encode(last), as: UTF8.self),
    ]
    for (index, text) in outputs.enumerated() {
      let harm = text.unicodeScalars.filter { scalar in
        scalar != "\n"
          && [.control, .format].contains(scalar.properties.generalCategory)
      }
      #expect(harm.isEmpty, "\(index): \(harm.map(\.value))")
      #expect(!text.contains("\nMARKED"), "\(index)")
      #expect(!text.contains("u001b") && !text.contains("\\n"), "\(index)")
    }
  }

  @Test func aNameOfADumpIsOneLine() throws {
    var bytes = CaptureFolder.dump()
    bytes.replaceSubrange(77..<83, with: Array("a\nb\nc\n".utf8))
    let folder = try CaptureFolder()
    try folder.write("dump.1", bytes)
    let account = CaptureAccount(try #require(CaptureFiles(folder.path)))
    #expect(account.dump?.host == "a?b?c?")
  }
}
