// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import NBDCases

/// What `make fuzz-nbd` runs: the daemon that is shipped, and clients that do
/// as they should not, by seed; one that does as it should looks in now and
/// then.
enum NBDFuzz {
  static func main(_ arguments: ArraySlice<String>) -> Never {
    var cases: UInt64 = 100_000
    var seed = UInt64(time(nil)) << 20
    var program = "build/bin/oldmemd"
    var rest = arguments
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { OldmemFuzz.usage() }
      switch (option, UInt64(value)) {
      case ("--cases", let number?): cases = number
      case ("--seed", let number?): seed = number
      case ("--program", _): program = value
      default: OldmemFuzz.usage()
      }
    }
    do {
      try run(cases: cases, seed: seed, URL(filePath: program))
      exit(0)
    } catch {
      print("oldmem-fuzz nbd: \(error)")
      exit(1)
    }
  }

  private static func run(
    cases: UInt64,
    seed: UInt64,
    _ program: URL
  ) throws {
    print("oldmem-fuzz nbd: \(cases) cases from seed \(seed) on")
    fflush(nil)
    let start = Date()
    let daemon = try NBDDaemon(program: program)
    var campaign = NBDCampaign(
      path: daemon.path,
      exportSize: daemon.exportSize
    )
    try campaign.visit(seed: seed)
    let before = daemon.residentKiB
    for number in 0..<cases {
      let seed = seed &+ number
      do throws(ClientError) {
        try campaign.run(seed: seed)
        if number % 256 == 255 { try campaign.visit(seed: seed) }
      } catch {
        print("oldmem-fuzz nbd: seed \(seed): \(error)")
        print(daemon.complaints.suffix(2000))
        exit(1)
      }
      if number % 20_000 == 19_999 {
        print("\(number + 1) cases")
        fflush(nil)
      }
    }
    campaign.forgetThoseWhoStayed()
    try campaign.visit(seed: seed)
    let after = daemon.residentKiB
    let status = daemon.end()
    guard status == 0 else {
      print("oldmem-fuzz nbd: the daemon ended with \(status)")
      exit(1)
    }
    let seconds = Int(Date().timeIntervalSince(start))
    print(
      """
      oldmem-fuzz nbd: \(cases) clients in \(seconds) s; none crashed the \
      server or held up the next
        \(campaign.bytes >> 20) MiB sent; \(campaign.lingered) stayed and took \
      nothing
        the server's memory: \(before) KiB before, \(after) KiB after
      """
    )
  }
}
