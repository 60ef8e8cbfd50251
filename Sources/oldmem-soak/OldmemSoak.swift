// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import SoakCases

/// What `make soak` runs: stores under random operations, faults and deaths,
/// case after case, by seed.
///
/// A case that breaks a promise is named by its seed, and
/// `oldmem-soak --seed N` with as many operations does it again. `kill` and
/// `step` are about real deaths of real processes, `campaign` prints the table
/// of docs/safety.md.
@main struct OldmemSoak {
  static func main() {
    var seed = UInt64(time(nil)) << 20
    var operations: UInt64 = 10_000_000
    var deaths: UInt64 = 1000
    var copies: UInt64 = 2
    var arguments = CommandLine.arguments.dropFirst()
    var command = "soak"
    if let first = arguments.first, !first.hasPrefix("-") {
      command = first
      arguments.removeFirst()
    }
    while let option = arguments.popFirst() {
      guard let value = arguments.popFirst().flatMap({ UInt64($0) }) else {
        usage()
      }
      switch option {
      case "--seed": seed = value
      case "--operations": operations = value
      case "--deaths": deaths = value
      case "--copies": copies = value
      default: usage()
      }
    }
    guard (1...4).contains(copies) else { usage() }
    switch command {
    case "soak": soak(seed: seed, operations: operations)
    case "kill": kill(seed: seed, deaths: deaths)
    case "step": step()
    case "campaign": campaign(seed: seed, copies: Int(copies))
    default: usage()
    }
  }

  static func usage() -> Never {
    print(
      """
      usage: oldmem-soak [--seed N] [--operations N]
             oldmem-soak kill [--seed N] [--deaths N]
             oldmem-soak step
             oldmem-soak campaign [--seed N] [--copies N]
      """
    )
    exit(2)
  }
}
