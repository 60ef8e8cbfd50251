// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import FuzzCases
internal import Glibc

/// What `make fuzz` runs: damaged vmcores, one after another, by seed.
///
/// A case that traps, hangs or breaks a promise is named by its seed, and
/// `oldmem-fuzz --seed N --count 1` does it again. libFuzzer steers by
/// coverage but knows nothing of page tables; what steers here is that the
/// damage is done where readers look (SyntheticVMCore.mutate).
@main struct OldmemFuzz {
  static func main() {
    var seconds: UInt64 = 600
    var seed = UInt64(time(nil)) << 20
    var count = UInt64.max
    var arguments = CommandLine.arguments.dropFirst()
    while let option = arguments.popFirst() {
      guard let value = arguments.popFirst().flatMap({ UInt64($0) }) else {
        usage()
      }
      switch option {
      case "--seconds": seconds = value
      case "--seed": seed = value
      case "--count": count = value
      default: usage()
      }
    }
    LastWords.arm()
    let cases = FuzzCases()
    let end = UInt64(time(nil)) + seconds
    var done: UInt64 = 0
    var refused: UInt64 = 0
    while done < count, UInt64(time(nil)) < end {
      LastWords.begin(seed: seed &+ done)
      switch cases.run(seed: seed &+ done) {
      case .broke(let promise):
        print("oldmem-fuzz: seed \(seed &+ done): \(promise)")
        exit(1)
      case .refused: refused += 1
      case .searched: break
      }
      done += 1
      if done % 10_000 == 0 { print("\(done) cases from seed \(seed) on") }
    }
    print(
      "oldmem-fuzz: \(done) cases from seed \(seed) on, \(refused) refused, "
        + "none broke"
    )
  }

  static func usage() -> Never {
    print("usage: oldmem-fuzz [--seconds N] [--seed N] [--count N]")
    exit(2)
  }
}
