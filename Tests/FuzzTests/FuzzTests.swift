// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FuzzCases
import Testing

@Suite struct FuzzTests {
  /// A taste of what `make fuzz` runs for hours, always the same.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func aDamagedVMCoreNeitherTrapsNorLoopsNorLies(part: UInt64) {
    let cases = FuzzCases()
    var searched = 0
    var knewFlags = 0
    var lent = 0
    var marks = 0
    var logs = 0
    var dumps = 0
    for seed in part * 100..<(part + 1) * 100 {
      let result = cases.run(seed: seed)
      if case .broke(let promise) = result.outcome {
        Issue.record("seed \(seed): \(promise)")
      }
      if result.messages.map({ $0 > 0 }) ?? false { logs += 1 }
      if result.dumped.map({ $0 > 0 }) ?? false { dumps += 1 }
      guard result.outcome == .searched else { continue }
      searched += 1
      if result.knewFlags { knewFlags += 1 }
      if result.frames > 0 { lent += 1 }
      marks += result.marks
    }
    // Damage that is always refused at the door would show little, and so
    // would searches that find nothing.
    #expect(searched > 50)
    #expect(knewFlags > 40)
    #expect(lent > 40)
    #expect(marks > 40)
    #expect(logs > 20)
    #expect(dumps > 20)
  }

  /// A seed is enough to have a case again, with all that it came to.
  @Test func aCaseIsTheSameAgain() {
    let cases = FuzzCases()
    let others = FuzzCases()
    for seed in 1000..<1040 as Range<UInt64> {
      #expect(cases.run(seed: seed) == others.run(seed: seed))
    }
  }
}
