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
    for seed in part * 100..<(part + 1) * 100 {
      let outcome = cases.run(seed: seed)
      if case .broke(let promise) = outcome {
        Issue.record("seed \(seed): \(promise)")
      }
      if outcome == .searched { searched += 1 }
    }
    // Damage that is always refused at the door would show little.
    #expect(searched > 20)
  }
}
