// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import Testing

/// Names in reports, in JSON and in frame lists are words that nobody takes
/// for another, or for two.
@Suite struct NameTests {
  private func expectWords(_ names: [String]) {
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(!name.isEmpty && name.first != "-" && name.last != "-")
      #expect(name.allSatisfy { $0 == "-" || ("a"..."z").contains($0) })
    }
  }

  @Test func vetoesHaveNamesOfTheirOwn() {
    expectWords(Veto.allCases.map { "\($0.name)" })
  }

  @Test func classesHaveNamesOfTheirOwn() {
    expectWords(PageClass.allCases.map { "\($0.name)" })
  }

  /// What can be lent at some level is in one set, and what cannot in none.
  @Test func theSetsAreOfWhatCanBeLent() {
    let sets: [PageClassSet] = [.free, .cache, .anonymous]
    for pageClass in PageClass.allCases {
      let isLent = (0...31).contains {
        DumpLevel($0)?.leavesOut(pageClass) ?? false
      }
      let count = sets.count { $0.contains(pageClass) }
      #expect(count == (isLent ? 1 : 0), "\(pageClass)")
      #expect(PageClassSet.all.contains(pageClass) == isLent)
    }
  }
}
