// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import FuzzCases
internal import Glibc

/// What `make fuzz` runs: damaged vmcores, one after another, by seed; and
/// `nbd` (NBDFuzz.swift).
///
/// A case that traps, hangs or breaks a promise is named by its seed, and
/// `oldmem-fuzz --seed N --cases 1` does it again. libFuzzer steers by
/// coverage but knows nothing of page tables; what steers here is that the
/// damage is done where readers look (SyntheticVMCore.mutate).
@main struct OldmemFuzz {
  static func main() {
    var seconds: UInt64?
    var seed = UInt64(time(nil)) << 20
    var cases: UInt64?
    var arguments = CommandLine.arguments.dropFirst()
    if arguments.first == "nbd" { NBDFuzz.main(arguments.dropFirst()) }
    while let option = arguments.popFirst() {
      guard let value = arguments.popFirst().flatMap({ UInt64($0) }) else {
        usage()
      }
      switch option {
      case "--seconds": seconds = value
      case "--seed": seed = value
      case "--cases": cases = value
      default: usage()
      }
    }
    // As many as were asked for, however long that takes.
    if cases == nil, seconds == nil { seconds = 600 }
    LastWords.arm()
    let all = FuzzCases()
    let start = UInt64(time(nil))
    var sums = Sums(seed: seed)
    while cases.map({ sums.cases < $0 }) ?? true,
      seconds.map({ UInt64(time(nil)) < start + $0 }) ?? true
    {
      let seed = seed &+ sums.cases
      LastWords.begin(seed: seed)
      let result = all.run(seed: seed)
      sums.add(result)
      if case .broke(let promise) = result.outcome {
        print("oldmem-fuzz: seed \(seed): \(promise)")
        exit(1)
      }
      if sums.cases % 50_000 == 0 {
        print("\(sums.cases) cases")
        // Whoever stops it wants to know how far it came.
        fflush(nil)
      }
    }
    print(sums.text(seconds: UInt64(time(nil)) - start))
  }

  static func usage() -> Never {
    print("usage: oldmem-fuzz [--seconds N] [--cases N] [--seed N]")
    print("       oldmem-fuzz nbd [--cases N] [--seed N] [--program PATH]")
    exit(2)
  }
}

/// What many cases came to.
private struct Sums {
  let seed: UInt64
  var cases: UInt64 = 0
  var searched: UInt64 = 0
  var knewFlags: UInt64 = 0
  var marks: UInt64 = 0
  var logs: UInt64 = 0
  var messages: UInt64 = 0
  var dumps: UInt64 = 0
  var lent: UInt64 = 0
  var reads = 0
  var bytes = 0

  init(seed: UInt64) { self.seed = seed }

  mutating func add(_ result: FuzzCases.Result) {
    cases += 1
    reads = max(reads, result.reads)
    bytes = max(bytes, result.bytes)
    if let count = result.messages {
      logs += 1
      messages += count
    }
    if result.dumped != nil { dumps += 1 }
    guard result.outcome == .searched else { return }
    searched += 1
    if result.knewFlags { knewFlags += 1 }
    marks += UInt64(result.marks)
    if result.frames > 0 { lent += 1 }
  }

  func text(seconds: UInt64) -> String {
    """
    oldmem-fuzz: \(cases) cases from seed \(seed) on, in \(seconds) s; none \
    broke a promise
      \(cases - searched) ended with an error; \(searched) were searched, \
    \(knewFlags) of them with known flags
      \(lent) would lend something, and none a page of the \(marks) that were \
    marked as in use
      \(logs) logs were read, with \(messages) messages; \(dumps) \
    dumps were planned
      the most work of one: \(reads) reads, \(bytes >> 10) KiB
    """
  }
}
