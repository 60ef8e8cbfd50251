// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Health
import Linux
import Rescue
import Testing

@testable import Activation

@Suite struct SettingsTests {
  private func settings(
    file: String = "",
    commandLine: String = ""
  ) -> (settings: Settings, problems: Int) {
    var settings = Settings()
    var problems = 0
    settings.apply(file: Array(file.utf8).span) { _ in problems += 1 }
    settings.apply(commandLine: Array(commandLine.utf8).span) { _ in
      problems += 1
    }
    return (settings, problems)
  }

  @Test func withoutALevelNothingMayBeLent() {
    #expect(settings().settings.dumpLevel == 0)
  }

  @Test func theFileIsRead() {
    let (read, problems) = settings(
      file: "# a comment\n\n size = 512M \ncopies=3\n  dump-level = 31"
    )
    #expect(problems == 0)
    #expect(read.size == 512 << 20)
    #expect(read.copies == 3)
    #expect(read.dumpLevel == 31)
  }

  @Test func theCommandLineIsStronger() {
    let (read, problems) = settings(
      file: "copies = 3\nsize = 64M\n",
      commandLine: "ro oldmem.copies=1 quiet oldmem.dump-level=17\n"
    )
    #expect(problems == 0)
    #expect(read.copies == 1)
    #expect(read.size == 64 << 20)
    #expect(read.dumpLevel == 17)
  }

  @Test func itCanBeSwitchedOff() {
    #expect(settings(commandLine: "oldmem=off").settings.isOff)
    #expect(settings(file: "mode = off\n").settings.isOff)
    #expect(!settings(commandLine: "oldmem=offx").settings.isOff)
  }

  @Test func devicesAndFramesAreLeftInPeaceUnlessAskedFor() {
    let (plain, _) = settings()
    #expect(!plain.cutsOffDriverless)
    #expect(plain.settleTime == 0)
    let (read, problems) = settings(
      file: "quiesce = driverless\nsettle = 120\n"
    )
    #expect(problems == 0)
    #expect(read.cutsOffDriverless)
    #expect(read.settleTime == 120)
    let (again, _) = settings(
      file: "quiesce = driverless\nsettle = 120\n",
      commandLine: "oldmem.quiesce=off oldmem.settle=0"
    )
    #expect(!again.cutsOffDriverless)
    #expect(again.settleTime == 0)
  }

  @Test func healthHasItsLimits() {
    let (plain, _) = settings()
    #expect(plain.health == HealthLimits())
    #expect(plain.onFailing == nil)
    let (read, problems) = settings(
      file: """
        degraded-at = 1, 2 ,3
        failing-at=1K,0,0
        health-window = 86400
        on-failing = /sbin/rescue
        """,
      commandLine: "oldmem.health-quiet=0 oldmem.failing-at=7,8,9"
    )
    #expect(problems == 0)
    var limits = HealthLimits()
    limits.degraded = HealthLimit(total: 1, recent: 2, run: 3)
    limits.failing = HealthLimit(total: 7, recent: 8, run: 9)
    limits.window = 86_400
    limits.quiet = 0
    #expect(read.health == limits)
    #expect(read.onFailing?.equals("/sbin/rescue") == true)
  }

  @Test(arguments: [
    "degraded-at = 1", "degraded-at = 1,2", "degraded-at = 1,2,3,4",
    "degraded-at = 1,,3", "degraded-at =", "degraded-at = -1,2,3",
    "failing-at = a,b,c", "failing-at = 8589934592,1,1", "failing-at = 1,2,3,",
    "health-window = 0", "health-window = 86401", "health-quiet = 86401",
    "on-failing = rescue", "on-failing =",
  ])
  func healthThatMakesNoSenseIsLeftAside(_ line: String) {
    let (read, problems) = settings(file: line)
    #expect(problems == 1)
    #expect(read.health == HealthLimits())
    #expect(read.onFailing == nil)
  }

  @Test func aKeyThatIsWantedAndNotThereIsNoKey() throws {
    let (plain, _) = settings()
    guard case .none = plain.rescueKey else {
      Issue.record("a key is wanted without a setting")
      return
    }
    let path = NSTemporaryDirectory() + "oldmem-key-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for text in ["", "no key", String(repeating: "0a", count: 32)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      var (read, problems) = settings(file: "rescue-key = \(path)\n")
      #expect(problems == 0)
      read.readRescueKey(from: Path(Array(path.utf8).span))
      switch read.rescueKey {
      case .none: Issue.record("no key is wanted")
      case .missing: #expect(text.count < 64)
      case .key: #expect(text.count == 64)
      }
    }
  }

  @Test func rescueHasPlacesInTheirOrder() {
    let (plain, _) = settings()
    #expect(plain.rescue.isEmpty && plain.rescueID == nil)
    #expect(plain.rescueTime == 60)
    let id = "00112233445566778899aabbccddeeff"
    let (read, problems) = settings(
      file: "rescue = console , /dev/vda\nrescue-time = 5\n",
      commandLine: "oldmem.rescue-id=\(id) oldmem.mode=log"
    )
    #expect(problems == 0)
    #expect(read.rescue.map { $0.equals("console") } == [true, false])
    #expect(read.rescue.last?.equals("/dev/vda") == true)
    #expect(read.rescueID == RescueID(Array(id.utf8).span))
    #expect(read.rescueTime == 5)
    #expect(read.savesLogOnly && read.isOff)
    let (off, _) = settings(file: "mode = log\nmode = off\n")
    #expect(off.isOff && !off.savesLogOnly)
  }

  @Test(arguments: [
    "rescue =", "rescue = a,,b", "rescue = 1,2,3,4,5,6,7,8,9",
    "rescue-id = 00", "rescue-key = key", "rescue-time = 0",
    "rescue-time = 86401", "mode = dump",
  ])
  func rescueThatMakesNoSenseIsLeftAside(_ line: String) {
    let (read, problems) = settings(file: line)
    #expect(problems == 1)
    #expect(read.rescue.isEmpty && read.rescueID == nil)
    #expect(read.rescueTime == 60 && !read.isOff)
  }

  @Test(
    arguments: [
      ("device = auto", nil), ("device = ublk", .ublk), ("device = nbd", .nbd),
    ] as [(String, Settings.Driver?)]
  )
  func theDriverCanBeChosen(_ line: String, _ driver: Settings.Driver?) {
    let (read, problems) = settings(file: line)
    #expect(problems == 0)
    #expect(read.driver == driver)
  }

  @Test(
    arguments: [
      ("route = auto", nil), ("route = mem", .mem), ("route = oldmem", .oldmem),
      ("route = vmcore", .vmcore), ("route = dm", .dm),
    ] as [(String, Settings.Route?)]
  )
  func oneRouteCanBeForced(_ line: String, _ route: Settings.Route?) {
    let (read, problems) = settings(file: line)
    #expect(problems == 0)
    #expect(read.route == route)
    #expect(read.checksBlocks)
  }

  @Test func theKernelsOwnChecksCanBeSwitchedOff() {
    #expect(!settings(file: "dm-integrity = off").settings.checksBlocks)
    #expect(settings(file: "dm-integrity = on").settings.checksBlocks)
  }

  @Test(arguments: [
    "copies = 5", "copies = 0", "size = 1K", "size = M", "dump-level = 32",
    "dump-level = -1", "queue-depth = 1000", "unknown = 1", "no equals sign",
    "size = 99999999999999999999", "size = 16777216T", "mode = on", "copies =",
    "frames = relative", "settle = 121", "settle = -1", "settle =",
    "quiesce = on", "quiesce = all", "quiesce =", "quiesce = driverless2",
    "device = loop", "device =", "device = nbd0", "route = pmem", "route =",
    "dm-integrity = crc32c",
  ])
  func whatMakesNoSenseIsReportedAndLeftAside(_ line: String) {
    let (read, problems) = settings(file: line)
    #expect(problems == 1)
    #expect(read.copies == 2)
    #expect(read.size == 256 << 20)
    #expect(read.dumpLevel == 0)
    #expect(read.settleTime == 0)
    #expect(!read.cutsOffDriverless)
    #expect(read.driver == nil)
    #expect(read.route == nil)
    #expect(read.checksBlocks)
  }
}
