// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

/// Whatever the file and the command line hold, the settings stay such that
/// the daemon can work with them.
@Suite struct SettingsFuzzTests {
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ state >> 29) &* 0xbf58_476d_1ce4_e5b9
    }
  }

  private static let words = [
    "oldmem.", "oldmem=off", "size", "copies", "dump-level", "queue-depth",
    "buffer-size", "minimum-run", "maximum-runs", "panic", "frames", "mode",
    "use", "scratch", "scratch-size", ",", "/..", "settle", "quiesce",
    "hotplug", "hotplug-size", "hotplug-zone", "kernel", "movable",
    "driverless", "device", "nbd", "degraded-at", "failing-at", "health-window",
    "health-quiet", "on-failing", "rescue", "rescue-id", "rescue-time",
    "rescue-key",
    "log",
    "00112233445566778899aabbccddeeff", "1,2,3", "0,0,0", "120", "121", "=",
    " = ",
    "\n", " ", "#",
    "off", "swap", "0", "1", "31", "4096", "128",
    "99999999999999999999", "18446744073709551615", "16777215T", "1G", "K",
    "-1", "/", "\0", "\u{ff}", "\t",
  ]

  private func check(_ text: [UInt8]) {
    var settings = Settings()
    var problems = 0
    settings.apply(file: text.span) { problem in
      problems += 1
      #expect(problem.sentence.count > 0)
    }
    settings.apply(commandLine: text.span) { _ in problems += 1 }
    #expect(problems <= text.count)
    #expect((1 << 20...1 << 40).contains(settings.size))
    #expect(settings.size % 4096 == 0)
    #expect((1...4).contains(settings.copies))
    #expect((0...31).contains(settings.dumpLevel))
    #expect((1...128).contains(settings.queueDepth))
    #expect((4096...1 << 20).contains(settings.bufferSize))
    #expect((1...1 << 20).contains(settings.minimumRun))
    #expect((1...60_000).contains(settings.maximumRuns))
    #expect(settings.panicTimeout <= 86_400)
    #expect(settings.settleTime <= 120)
    #expect(settings.hotplugSettleTime <= 120)
    #expect((1 << 20...1 << 40).contains(settings.hotplugSpace.size))
    #expect(settings.uses.swap || settings.uses.hotplug)
    #expect(settings.uses.swap || !settings.uses.scratch)
    #expect(settings.scratchSpace.size % 4096 == 0)
    #expect((16 << 20...1 << 40).contains(settings.scratchSpace.size))
    #expect(settings.scratchSpace.place.hasPrefix("/"))
    #expect(settings.scratchSpace.place.count > 1)
    #expect((1...86_400).contains(settings.health.window))
    #expect(settings.health.quiet <= 86_400)
    #expect(settings.health.failing.total <= 1 << 32)
    #expect(settings.onFailing.map { $0.hasPrefix("/") } ?? true)
    #expect(settings.rescue.count <= 8)
    #expect(settings.rescue.allSatisfy { $0.count > 0 })
    #expect((1...86_400).contains(settings.rescueTime))
    #expect(settings.isOff || !settings.savesLogOnly)
    #expect(settings.frames.map { $0.hasPrefix("/") } ?? true)
  }

  @Test func randomBytesLeaveUsableSettings() {
    var numbers = Numbers(state: 1)
    for _ in 0..<2000 {
      let count = Int.random(in: 0...200, using: &numbers)
      check((0..<count).map { _ in .random(in: 0...255, using: &numbers) })
    }
  }

  @Test func randomWordsLeaveUsableSettings() {
    var numbers = Numbers(state: 2)
    for _ in 0..<4000 {
      let count = Int.random(in: 0...30, using: &numbers)
      let text = (0..<count).map { _ in
        Self.words.randomElement(using: &numbers) ?? ""
      }
      check(Array(text.joined().utf8))
    }
  }
}
