// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Report
import Testing

@testable import CaptureReport

/// What a shell wrote while memory was short, or what somebody put there, may
/// have any number in it.
@Suite struct HostileRecordTests {
  private func account(
    _ record: String,
    lent: String? = nil
  ) throws -> CaptureAccount {
    let folder = try CaptureFolder()
    try folder.write("dump.1", CaptureFolder.dump())
    try folder.write("oldmem-record.json", record)
    if let lent { try folder.write("lent-frames", lent) }
    return CaptureAccount(try #require(CaptureFiles(folder.path)))
  }

  /// Each of what people and programs are told.
  private func words(_ account: CaptureAccount) -> String {
    CapturePage(account).html + account.text
  }

  @Test func sizesThatNoMachineHasAreCutOff() throws {
    let most = UInt64.max
    let text = words(
      try account(
        """
        {"lent": {"runs": 1, "frames": \(most)},
         "status": {"health": {"state": "healthy", "reason": ""},
           "damage": {"total": \(most)},
           "device": {"path": null, "blocks": \(most), "copies": \(most)},
           "counters": {"lost": \(most), "refused": \(most)}},
         "samples": [[1, \(most), \(most)], [2, 1, 1]]}
        """
      )
    )
    #expect(text.contains("17592186044416 GiB"))
    #expect(text.contains("16777216 TiB"))
  }

  /// The chart of damage counts frames, of which a line may have any number.
  @Test func countsThatNoMachineHasAreDrawn() throws {
    let most = UInt64.max
    let text = words(
      try account(
        "{\"samples\": [[1,1,1,0,0,0,0,0,0,0,0], [2,1,1,0,0,0,\(most),"
          + "\(most),\(most),0,0]]}"
      )
    )
    #expect(text.contains("Frames found damaged"))
  }

  @Test func listsOfMoreThanAllMemoryAreCutOff() throws {
    let run = "0 \((1 << 52) - 1 as UInt64) free\n"
    let account = try account(
      "{}",
      lent: String(repeating: run, count: 5000)
    )
    #expect(account.lentFrames == .max)
    #expect(words(account).contains("17592186044416 GiB"))
  }

  @Test(arguments: [
    "[1e300,1,1],[2e300,1,1]", "[5e16,1,1],[6e16,1,1]",
    "[-1e18,1,1],[-1,1,1]", "[1e9,1,1],[2e9,1,1]",
  ])
  func timesThatNoCaptureHasAreDropped(samples: String) throws {
    let account = try account(
      "{\"samples\": [[1,5,6],\(samples),[2,7,8]]}"
    )
    #expect(account.record?.samples.map(\.seconds) == [1, 2])
    #expect(words(account).contains("over time"))
  }

  @Test func samplesThatGoBackAreDropped() throws {
    let account = try account(
      "{\"samples\": [[1,1,1],[9,2,2],[3,3,3],[\"x\"],[9,4,4],[12,5,5]]}"
    )
    #expect(account.record?.samples.map(\.seconds) == [1, 9, 9, 12])
    #expect(account.record?.samples.map(\.free) == [1, 2, 4, 5])
  }

  @Test(arguments: [Int.min, -1, Int.max])
  func datesThatNoCaptureHasAreShown(time: Int) throws {
    let text = words(
      try account(
        """
        {"saved": \(time), "dump": {"started": \(time), "seconds": \(time)},
         "lent": {"runs": \(time)}, "samples": [[1,1,1],[2,2,2]],
         "events": [{"seconds": 1e308, "from": "", "to": "", "reason": ""},
           {"seconds": -1e308, "from": "", "to": "", "reason": ""}]}
        """
      )
    )
    #expect(text.contains("\(time) s"))
    #expect(!dateText(time).isEmpty)
  }

  @Test func nothingOverflowsInFigures() throws {
    let folder = try CaptureFolder()
    try folder.write("1/dump.1", CaptureFolder.dump())
    try folder.write(
      "1/oldmem-record.json",
      "{\"lent\": {\"frames\": \(UInt64.max)}, "
        + "\"samples\": [[1, 1, \(UInt64.max)]]}"
    )
    var metrics = Metrics()
    try #require(LastCapture(below: folder.path)).add(to: &metrics)
    for name in ["lent", "swap"] {
      let line = "\noldmem_last_capture_\(name)_bytes \(UInt64.max)\n"
      #expect(metrics.text.contains(line))
    }
  }
}
