// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import SoakCases

/// Prints the table of docs/safety.md; ends with an error when something was
/// silent, or lost although a copy stood.
func campaign(seed: UInt64, copies: Int) {
  let campaign = FaultCampaign(copies: copies, seed: seed)
  print("oldmem-soak campaign: seed \(seed), copies \(copies)\n")
  print("| fault | injected | detected | repaired | lost | silent |")
  print("|---|--:|--:|--:|--:|--:|")
  var isBroken = false
  for (name, fault) in faults {
    let row = campaign.run(fault)
    let needless = row.needless > 0 ? " (\(row.needless) with a copy)" : ""
    print(
      """
      | \(name) | \(row.injected) | \(row.detected) | \(row.repaired) \
      | \(row.lost)\(needless) | \(row.silent) |
      """
    )
    fflush(nil)
    if row.silent > 0 || row.needless > 0 { isBroken = true }
  }
  if isBroken { exit(1) }
}

private let faults: [(String, FaultCampaign.Fault)] =
  [
    ("one bit in each of 1000 frames", .bitFlips(1000)),
    ("1000 whole frames, anywhere", .frames(1000)),
    ("a run of 1 frame", .run(1)),
    ("a run of 16 frames", .run(16)),
    ("a run of 256 frames", .run(256)),
    ("a run of 4096 frames", .run(4096)),
    ("one whole shelf", .shelf),
    (
      "a frame of one shelf every 20 operations, under load",
      .steady(shelves: 1, every: 20)
    ),
    (
      "a frame of any shelf every 20 operations, under load",
      .steady(shelves: 4, every: 20)
    ),
    ("stale copies put back, one of each block", .stale(500, allCopies: false)),
    ("stale copies put back, all of each block", .stale(500, allCopies: true)),
    ("copies swapped, one of each block", .swapped(250, allCopies: false)),
    ("copies swapped, all of each block", .swapped(250, allCopies: true)),
  ] + tables + [
    ("header zeroed, then the server dies", .header(.zero)),
    ("header overwritten, then the server dies", .header(.overwrite)),
  ]

private let tables: [(String, FaultCampaign.Fault)] = {
  var all: [(String, FaultCampaign.Fault)] = []
  for (table, name) in [
    (.checksums, "checksum"), (.slotWords, "slot word"), (.seals, "seal"),
    (.maps, "map word"),
  ] as [(FaultCampaign.Table, String)] {
    all.append(("500 bits, one a \(name)", .words(table, 500, .flipBit)))
    all.append(("500 \(name)s overwritten", .words(table, 500, .overwrite)))
    all.append(("500 \(name)s zeroed", .words(table, 500, .zero)))
    all.append(("a page of \(name)s overwritten", .page(table, .overwrite)))
    all.append(("a page of \(name)s zeroed", .page(table, .zero)))
  }
  return all
}()
