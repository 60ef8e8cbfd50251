// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

@testable import CaptureReport

/// What `oldmem report` says of a folder, as text, as JSON and as a page.
@Suite struct CaptureAccountTests {
  private func full() throws -> CaptureFolder {
    let folder = try CaptureFolder()
    try folder.write("dump.1", CaptureFolder.dump())
    try folder.write("oldmem-record.json", CaptureFolder.record)
    try folder.write("lent-frames", "# first_frame count class\n16 16 free\n")
    try folder.write(
      "dmesg.1",
      "[    1.0] hello\n[    9.0] Kernel panic - not syncing: <b>\"&'\n"
    )
    return folder
  }

  private func account(_ folder: CaptureFolder) throws -> CaptureAccount {
    CaptureAccount(try #require(CaptureFiles(folder.path)))
  }

  @Test func theTextIsForPeople() throws {
    let folder = try full()
    let text = try account(folder).text.replacing(folder.path, with: "F")
    #expect(
      text == """
        Kernel panic - not syncing: <b>"&'
        6.12.9-test, server, 2026-11-30 00:53:20 UTC
        F

        Dump           complete; 24 KiB, level 31
        Lent           64 KiB; 64 KiB of the crashed kernel's memory in 1 run
        Swap, at most  27.3 MiB; free memory, at least: 1.1 MiB
        Health         degraded; 308 frames damaged, 0 reads lost, 0 writes refused
        Time           60 s; for the dump, to /var/crash

        the last lines of the crashed kernel's log
          [    1.0] hello
          [    9.0] Kernel panic - not syncing: <b>"&'

        what oldmem did
          [    2.8] oldmem: 256 MiB lent, 2 copies, 3 runs

        files
          dmesg.1              61 bytes  the crashed kernel's log
          dump.1                 24 KiB  the dump
          lent-frames          37 bytes  the frames that were lent
          oldmem-record.json  697 bytes  what happened in the capture kernel

        """,
      "\(text)"
    )
  }

  /// docs/report.md names every key at the top, and no other.
  @Test func theDocumentNamesEveryKey() throws {
    let data = try JSONEncoder().encode(try account(try full()))
    let root = try #require(
      JSONSerialization.jsonObject(with: data) as? [String: Any]
    )
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/report.md").standardizedFileURL
    let page = try String(contentsOf: path, encoding: .utf8)
    let named = Set(
      page.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap {
        $0.split(separator: "`").dropFirst().first.map(String.init)
      }
    )
    let keys = Set(root.keys)
    #expect(named == keys, "\(named.symmetricDifference(keys))")
  }

  /// Each part alone, and all without each part.
  @Test func whateverIsThereIsShownAndWhatIsMissingIsSaid() throws {
    let names = ["dump.1", "oldmem-record.json", "lent-frames", "dmesg.1"]
    for kept in 1..<16 {
      let folder = try full()
      for (index, name) in names.enumerated() where kept >> index & 1 == 0 {
        try FileManager.default.removeItem(atPath: folder.path + "/" + name)
      }
      let account = try account(folder)
      let page = CapturePage(account).html
      #expect(page.hasSuffix("</html>\n") && !account.text.isEmpty)
      #expect(page.contains("NaN") == false)
      let says = account.missing.joined()
      #expect(says.contains("no dump") == (kept & 1 == 0))
      #expect(says.contains("oldmem-record.json") == (kept & 2 == 0))
      #expect(says.contains("lent-frames") == (kept & 4 == 0))
    }
  }

  @Test func nothingOfACrashedMachineIsMarkup() throws {
    let folder = try full()
    let harm = "<script>alert(1)</script>"
    try folder.write(
      "oldmem-record.json",
      CaptureFolder.record.replacing("oldmem.size=64M", with: harm)
        .replacing("size = 64M", with: harm)
        .replacing("oldmem: 256 MiB lent", with: harm + " MiB lent, ")
        .replacing("\"run\"", with: "\"\(harm)\"")
    )
    try folder.write("dmesg.1", "Kernel panic - not syncing: \(harm)\n")
    try folder.write("dump.\(harm.replacing("/", with: ""))", "")
    let page = CapturePage(try account(folder)).html
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
  }

  @Test func stepsOfAxesAreOneTwoOrFive() {
    let steps = [0.03, 0.2, 0.21, 1, 1.1, 7, 10, 33, 480].map {
      TimelineChart.step($0)
    }
    #expect(
      zip(steps, [0.05, 0.2, 0.5, 1, 2, 10, 10, 50, 500])
        .allSatisfy { abs($0 - $1) < 1e-9 },
      "\(steps)"
    )
  }
}
