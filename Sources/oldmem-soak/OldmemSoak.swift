// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import SoakCases

/// What `make soak` runs: stores under random operations, faults and deaths,
/// case after case, by seed.
///
/// A case that breaks a promise is named by its seed, and
/// `oldmem-soak --seed N` with as many operations does it again.
@main struct OldmemSoak {
  static func main() {
    var seed = UInt64(time(nil)) << 20
    var operations: UInt64 = 10_000_000
    var arguments = CommandLine.arguments.dropFirst()
    while let option = arguments.popFirst() {
      guard let value = arguments.popFirst().flatMap({ UInt64($0) }) else {
        usage()
      }
      switch option {
      case "--seed": seed = value
      case "--operations": operations = value
      default: usage()
      }
    }
    soak(seed: seed, operations: operations)
  }

  static func usage() -> Never {
    print("usage: oldmem-soak [--seed N] [--operations N]")
    exit(2)
  }
}
