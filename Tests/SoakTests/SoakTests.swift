// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import SoakCases
import Testing

@Suite struct SoakTests {
  /// A taste of what `make soak` runs for long, always the same.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func aStoreAnswersAsAPlainArrayWhateverHappens(part: UInt64) {
    var sums = SoakCase.Result()
    for seed in part * 12..<(part + 1) * 12 {
      let result = SoakCase(seed: seed).run(operations: 250)
      sums.add(result)
      if let broken = result.broken {
        Issue.record("seed \(seed): \(broken)")
      }
    }
    // Nothing would be shown where nothing happened.
    #expect(sums.frameFaults > 20)
    #expect(sums.tableFaults > 5)
    #expect(sums.deathsAmid > 5)
    #expect(sums.repaired > 10)
  }
}
