// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import SoakCases

/// Runs cases until so many operations were judged.
func soak(seed: UInt64, operations: UInt64) {
  let start = time(nil)
  var sums = SoakCase.Result()
  var cases: UInt64 = 0
  print("oldmem-soak: seed \(seed), \(operations) operations")
  fflush(nil)
  while sums.operations < operations {
    let one = SoakCase(seed: seed &+ cases)
    let count = min(SoakCase.operations, operations - sums.operations)
    let result = one.run(operations: count)
    sums.add(result)
    if let broken = result.broken {
      print(
        """
        oldmem-soak: --seed \(seed &+ cases) --operations \(count): \(broken)
          after \(result.operations) operations; \(one.description)
        """
      )
      exit(1)
    }
    cases += 1
    if cases % 500 == 0 {
      print("\(sums.operations) operations, \(time(nil) - start) s")
      // Whoever stops it wants to know how far it came.
      fflush(nil)
    }
  }
  print(sums.text(cases: cases, seconds: time(nil) - start))
}

extension SoakCase.Result {
  fileprivate func text(cases: UInt64, seconds: Int) -> String {
    """
    oldmem-soak: \(operations) operations in \(cases) cases, \(seconds) s; \
    none broke a promise
      \(frameFaults) frames and \(tableFaults) places of the tables damaged
      \(deaths) deaths, \(deathsAmid) of them amid an operation
      \(repaired) copies repaired, \(relocated) moved, \
    \(metadataRepaired) entries mended
      \(refusedReads) reads refused, of blocks with every copy damaged
    """
  }
}
