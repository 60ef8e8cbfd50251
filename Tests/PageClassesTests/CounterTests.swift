// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing
import VMCore

import struct SyntheticVMCore.Folio

/// A layout that lacks a counter of large folios, or has it where it cannot
/// be read, lends less and never more.
@Suite struct CounterTests {
  static let counters = [
    "_pincount", "_entire_mapcount", "_large_mapcount",
  ]

  /// The era's layout with that counter elsewhere, or, for nil, nowhere.
  static func layout(
    _ era: KernelEra,
    _ counter: String,
    at place: Int?
  ) throws -> FlagLayout {
    var lines = String(decoding: era.flagLayoutText, as: UTF8.self)
      .split(separator: "\n").map(String.init)
    lines.removeAll { $0.hasPrefix("OFFSET(folio.\(counter))") }
    if let place { lines.append("OFFSET(folio.\(counter))=\(place)") }
    return try FlagLayout(
      text: Array((lines.joined(separator: "\n") + "\n").utf8)
    )
  }

  static let samples: [Sample] = [
    Sample("small", .anonymous, .anonymous),
    Sample("small and pinned", .pinned, .anonymous, .pinned),
    Sample(
      "huge",
      Folio(.anonymous, order: 9, wholeMaps: 1),
      .largeAnonymous
    ),
    Sample(
      "by PTEs",
      Folio(.anonymous, order: 4, pageMaps: 1),
      .largeAnonymous
    ),
    Sample(
      "pinned",
      Folio(.anonymous, order: 9, wholeMaps: 1).with { $0.pins = 1 },
      .largeAnonymous,
      .pinned
    ),
    Sample("cache", Folio(.file, order: 9), .largeCache),
    Sample("pool", Folio(.hugetlbFree, order: 9), .hugetlb),
    Sample(
      "hugetlb",
      Folio(.hugetlb, order: 9, wholeMaps: 1),
      .hugetlb,
      .hugetlbInUse
    ),
  ]

  @Test(arguments: KernelEra.allCases, counters)
  func withoutACounterNothingMoreIsLent(
    era: KernelEra,
    counter: String
  ) throws {
    let (vmcore, starts) = Sample.lay(Self.samples, era)
    let whole = try vmcore.judge(era.policy).lent()
    // Counters are in the first four struct pages.
    for place in [nil, 0, 60, 256, 4092] {
      var policy = try era.policy
      policy.flags = try Self.layout(era, counter, at: place)
      let judged = try vmcore.judge(policy)
      #expect(judged.lent().isSubset(of: whole))
      // Small pages do not have it.
      #expect(judged[starts[0]]?.veto == nil)
      guard place != nil, counter == "_pincount" else { continue }
      for start in starts[2...6] {
        let veto = judged[start]?.veto
        #expect(veto == .pinned || veto == .hugetlbInUse, "at \(place ?? 0)")
      }
    }
  }

  @Test(arguments: KernelEra.allCases)
  func foliosOfUnknownMapsAreKept(era: KernelEra) throws {
    let (vmcore, starts) = Sample.lay(Self.samples, era)
    var policy = try era.policy
    policy.flags = try Self.layout(era, "_entire_mapcount", at: nil)
    let judged = try vmcore.judge(policy)
    // Since v6.10 there is one counter for all.
    let isKnown = era >= .v6_12
    #expect((judged[starts[2]]?.veto == nil) == isKnown)
    #expect((judged[starts[5]]?.veto == nil) == isKnown)
  }
}
