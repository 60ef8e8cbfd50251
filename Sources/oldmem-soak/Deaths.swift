// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import SoakCases

/// Kills processes that serve a store, so many for each number of copies.
func kill(seed: UInt64, deaths: UInt64) {
  print("oldmem-soak kill: seed \(seed), \(deaths) deaths for each shape")
  for copies in 1...4 {
    fflush(nil)
    let result = KillRun(seed: seed).run(deaths: deaths, copies: copies)
    if let broken = result.broken {
      print("\(copies) copies, after \(result.deaths) deaths: \(broken)")
      exit(1)
    }
    print(
      """
      \(copies) copies: \(result.deaths) deaths, \(result.deathsAmid) amid an \
      operation; \(result.operations) operations; \(result.refusedReads) \
      reads refused
      """
    )
  }
}

/// Kills a process at every moment of every kind of operation.
func step() {
  var instructions = 0
  var moments = 0
  for copies in 1...4 {
    for scene in StepRun.Scene.allCases {
      let result = StepRun.run(scene, copies: copies)
      if let broken = result.broken {
        print("\(scene), \(copies) copies: \(broken)")
        exit(1)
      }
      print(
        """
        \(scene), \(copies) copies: \(result.instructions) instructions, \
        \(result.moments) moments
        """
      )
      fflush(nil)
      instructions += result.instructions
      moments += result.moments
    }
  }
  print(
    "oldmem-soak step: \(moments) deaths in \(instructions) instructions"
  )
}
