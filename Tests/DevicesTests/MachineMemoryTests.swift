// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Memory
import Testing

@testable import Devices

@Suite struct MachineMemoryTests {
  private func taken(
    _ text: String
  ) throws(MachineMemory.Failure) -> [FrameRange] {
    let bytes = Array(text.utf8)
    return try MachineMemory.taken(in: bytes.span, limit: 4)
  }

  @Test func everyOutermostRangeIsTaken() throws {
    let text = """
      00001000-0009fbff : System RAM
      1e000000-2dfff3ff : System RAM
        1e000000-1f000000 : Kernel code
      100000000-13fffffff : reserved

      """
    #expect(
      try taken(text) == [
        FrameRange(start: FrameNumber(1), count: 0x9f),
        FrameRange(start: FrameNumber(0x1e000), count: 0x10000),
        FrameRange(start: FrameNumber(0x100000), count: 0x40000),
      ]
    )
  }

  @Test func whatIsNoRAMAndWhatLiesInRAMDoNotCountForItsEnd() throws {
    let text = """
      00001000-0009fbff : System RAM
      1e000000-2dfff3ff : System RAM
        1e000000-1f000000 : Kernel code
      40000000-47ffffff : System RAM (oldmem)
      fec00000-fec003ff : IOAPIC 0

      """
    let bytes = Array(text.utf8)
    #expect(
      try MachineMemory.endOfRAM(in: bytes.span) == FrameNumber(0x2e000)
    )
    #expect(try taken(text).count == 4)
  }

  @Test func aFrameThatIsTakenInPartIsTaken() throws {
    #expect(
      try taken("1fff-2000 : x\n")
        == [FrameRange(start: FrameNumber(1), count: 2)]
    )
  }

  @Test func addressesThatMayNotBeSeenAreNotBelieved() {
    #expect(throws: MachineMemory.Failure.hidden) {
      try taken("00000000-00000000 : System RAM\n")
    }
    #expect(throws: MachineMemory.Failure.hidden) { try taken("") }
  }

  @Test(arguments: ["x", "1-", "-1 : a", "5-4 : a", "1 - 2 : a"])
  func whatIsNotARangeIsNamedByItsLine(_ line: String) {
    #expect(throws: MachineMemory.Failure.malformed(line: 2)) {
      try taken("1000-1fff : a\n\(line)\n")
    }
  }

  @Test func moreRangesThanThereIsRoomForAreRefused() {
    #expect(throws: MachineMemory.Failure.tooMany) {
      try taken(String(repeating: "1000-1fff : a\n", count: 5))
    }
  }

  @Test func aTextThatIsCutOffIsRefused() throws {
    let line = "1000-1fff : a\n"
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("oldmem-iomem-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lines = MachineMemory.textLimit / line.utf8.count + 1
    let text = String(repeating: line, count: lines)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let bytes = Array(path.utf8)
    #expect(throws: MachineMemory.Failure.tooMany) {
      try MachineMemory.taken(from: Path(bytes.span), limit: .max)
    }
  }
}
