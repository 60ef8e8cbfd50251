// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import BlockStore

@Suite struct ScrubPaceTests {
  static let second: UInt64 = 1_000_000_000

  private func isDue(
    _ pace: inout ScrubPace,
    _ progress: UInt32,
    _ now: UInt64
  ) -> Bool {
    pace.isDue(progress: progress, now: now)
  }

  @Test func aPassGoesOnAsItsTimeDoes() {
    var pace = ScrubPace(period: 60 * Self.second, now: 5)
    var progress: UInt32 = 0
    for second in 0...60 as ClosedRange<UInt64> {
      let now = 5 + second * Self.second
      while progress < 65536, pace.isDue(progress: progress, now: now) {
        progress += 1
      }
      let wanted = Double(second) / 60 * 65536
      #expect(abs(Double(progress) - wanted) < 64)
    }
  }

  @Test func afterAPassItRestsUntilTheTimeIsOver() {
    var pace = ScrubPace(period: 10 * Self.second, now: 0)
    #expect(isDue(&pace, 0, Self.second))
    pace.rest()
    #expect(!isDue(&pace, 0, 2 * Self.second))
    #expect(!isDue(&pace, 0, 9 * Self.second))
    #expect(isDue(&pace, 0, 10 * Self.second))
    // The second pass is one second old.
    #expect(isDue(&pace, 6000, 11 * Self.second))
    #expect(!isDue(&pace, 7000, 11 * Self.second))
  }

  @Test func whatWasMissedIsNotMadeUpFor() {
    var pace = ScrubPace(period: 10 * Self.second, now: 0)
    pace.rest()
    #expect(isDue(&pace, 0, 1000 * Self.second))
    #expect(!isDue(&pace, 1, 1000 * Self.second))
  }

  @Test func withoutAPeriodThereAreNoPasses() {
    var pace = ScrubPace(period: 0, now: 0)
    #expect(!isDue(&pace, 0, .max))
  }
}
