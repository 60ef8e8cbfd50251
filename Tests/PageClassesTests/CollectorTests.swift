// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// What the makedumpfile that will run does not recognise is not lent.
///
/// Commits are makedumpfile's.
@Suite struct CollectorTests {
  /// The first release that knows how many pages a folio of that time has.
  static func knowingFolios(_ era: KernelEra) -> Collector.Version? {
    switch era {
    case .v4_18, .v5_10, .v5_14, .v6_1: nil
    // 446c4f6 ("Fix failure of compound page exclusion on Linux 6.3")
    case .v6_4: .init(1, 7, 3)
    // 9661c1d ("... on Linux 6.6")
    case .v6_6: .init(1, 7, 4)
    // 985e575 ("Fix failure of hugetlb pages exclusion on Linux 6.9")
    case .v6_9, .v6_12, .v6_18, .v7_1: .init(1, 7, 6)
    }
  }

  static let versions: [Collector.Version?] = [
    nil, .init(1, 6, 8), .init(1, 7, 2), .init(1, 7, 3), .init(1, 7, 4),
    .init(1, 7, 5), .init(1, 7, 6), later(1, 7, 6), .init(1, 7, 7),
    later(1, 7, 9), .init(1, 8, 0), .init(2, 0, 0),
  ]

  static func later(_ numbers: Int...) -> Collector.Version? {
    parse(numbers.map(String.init).joined(separator: ".") + "++")
  }

  static func parse(_ text: String) -> Collector.Version? {
    Collector.Version(Array(text.utf8).span)
  }

  static let samples = [
    Sample("cache", .cache, .cache),
    Sample("anonymous", .anonymous, .anonymous),
    Sample("pinned", .pinned, .anonymous, .pinned),
    Sample("large cache", Folio(.file, order: 4), .largeCache),
    Sample("large tmpfs", Folio(.shmem, order: 9, wholeMaps: 1), .dirtyCache),
    Sample(
      "huge",
      Folio(.anonymous, order: 9, wholeMaps: 1),
      .largeAnonymous
    ),
    Sample(
      "huge and pinned",
      Folio(.anonymous, order: 9, wholeMaps: 1).with { $0.pins = 1 },
      .largeAnonymous,
      .pinned
    ),
    Sample("hugetlb", Folio(.hugetlbFree, order: 9), .hugetlb),
  ]

  @Test(arguments: KernelEra.allCases, versions)
  func onlyWhatItRecognisesIsLent(
    era: KernelEra,
    version: Collector.Version?
  ) throws {
    let knowsFolios: Bool =
      if let first = Self.knowingFolios(era) {
        version.map { $0 >= first } ?? false
      } else {
        true
      }
    // bad2a7c (1.7.6) takes the free pages of v6.12 and later for slabs,
    // until 72c3414 (1.7.7).
    let knowsFree =
      era < .v6_12
      || version.map { $0 < .init(1, 7, 6) || $0 >= .init(1, 7, 7) } ?? false
    var policy = try era.policy
    policy.collector = Collector(version: version)
    let (vmcore, starts) = Sample.lay(Self.samples, era)
    let judged = try vmcore.judge(policy)
    for (sample, start) in zip(Self.samples, starts) {
      let found = judged[start]
      #expect(found?.pageClass == sample.pageClass)
      let isLarge = sample.frames > 3
      switch sample.pageClass {
      // PG_hugetlb of v6.6 is not trusted.
      case .hugetlb where era == .v6_6 && knowsFolios:
        #expect(found?.veto == .hugetlbInUse)
      case _ where sample.name.contains("pinned"):
        #expect(found?.veto == SmallPageTests.pinned(era))
      default:
        #expect(
          found?.veto == (isLarge && !knowsFolios ? .collector : nil),
          "\(sample.name)"
        )
      }
    }
    let free = vmcore.describedFree.runs.flatMap { Array($0) }
    #expect(judged.lent(.free) == (knowsFree ? Set(free) : []))
    #expect(judged[free[0]]?.veto == (knowsFree ? nil : .collector))
  }

  @Test(arguments: [
    "1.7.2", "1.7.9", "0.0.0", "255.255.255", "1.7.9++", "1.10.0",
  ])
  func aVersionIsThreeNumbers(text: String) {
    #expect(Self.parse(text) != nil)
  }

  @Test(arguments: [
    "", "1", "1.7", "1.7.", "1.7.2.3", ".7.2", "1..2", "1.7.2+", "1.7.2+++",
    "1.7.2-1", "v1.7.2", " 1.7.2", "1.7.2 ", "1.7.256", "1.7.99999999999999",
    "1.7.-2", "1.7.++", "one",
  ])
  func anythingElseIsNoVersion(text: String) {
    #expect(Self.parse(text) == nil)
  }

  @Test func versionsAreOrderedByNumberAndNotByLetters() throws {
    let order = try [
      "0.9.9", "1.6.0", "1.6.9++", "1.7.2", "1.7.2++", "1.7.3", "1.7.9",
      "1.7.9++", "1.7.10", "1.8.0", "1.10.0", "2.0.0",
    ].map { try #require(Self.parse($0)) }
    for (lower, low) in order.enumerated() {
      for (upper, high) in order.enumerated() {
        #expect((low < high) == (lower < upper))
        #expect((low == high) == (lower == upper))
      }
    }
    #expect(order[3] == .init(1, 7, 2))
  }
}
