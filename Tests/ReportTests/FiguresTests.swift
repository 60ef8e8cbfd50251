// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import FoundationXML
import Testing

@testable import Report

@Suite struct FiguresTests {
  static let text = """
    figure\t4 KiB reads\tnbdkit memory\tkIOPS\tmore\t80 82 78
    figure\t4 KiB reads\toldmem\tkIOPS\tmore\t121 117 119
    figure\t4 KiB reads\tqemu-nbd\tkIOPS\tmore\t130 90 100
    goal\t4 KiB reads\t1.2\tnbdkit memory
    goal\t4 KiB reads\t1.2\tbest
    machine\t2 x a processor
    figure\tto swap on\toldmem\tms\tless\t850
    machine\t2 x a processor
    """

  private func figures() throws -> Figures {
    var figures = Figures()
    try figures.add(Self.text)
    return figures
  }

  @Test func oneTableHoldsAll() throws {
    let lines = try figures().table
    #expect(
      lines == [
        "measured     who            median  lowest-highest  unit   ratio"
          + "                             goal",
        "4 KiB reads  nbdkit memory    80.0       78.0-82.0  kIOPS",
        "             oldmem            119         117-121  kIOPS   1.19"
          + "  1.20 nbdkit memory, 1.20 MISSED",
        "             qemu-nbd          100        90.0-130  kIOPS",
        "to swap on   oldmem            850                  ms",
      ],
      "\(lines.joined(separator: "\n"))"
    )
  }

  @Test func aGoalIsMissedByALittle() throws {
    var figures = Figures()
    try figures.add(
      """
      figure\ta\toldmem\tms\tless\t10
      figure\ta\tpeer\tms\tless\t19.9
      goal\ta\t2\tpeer
      goal\ta\t1.9\tbest
      goal\tb\t1\tbest
      """
    )
    #expect(figures.missed.map(\.ratio) == [2, 1])
  }

  @Test(
    arguments: [
      ("figure\ta\tb\tc\tmore\t", "line 1: \"\" are no numbers"),
      ("figure\ta\tb\tc\tmore\t1 x", "line 1: \"1 x\" are no numbers"),
      ("figure\ta\tb\tc\tmany\t1", "line 1: \"many\" is neither more nor less"),
      ("\ngoal\ta\tmuch\tb", "line 2: \"much\" is no number"),
      ("figure\ta", "line 1: not a figure, a goal or a machine"),
    ]
  )
  func aMalformedLineIsNamed(text: String, problem: String) {
    var figures = Figures()
    let error = #expect(throws: Figures.Malformed.self) {
      try figures.add(text)
    }
    #expect(error?.description == problem)
  }

  /// An XML reader takes it, and each bar is as long as its median.
  @Test func barsAreAsLongAsTheMedians() throws {
    var figures = Figures()
    try figures.add(
      "figure\t<reads> & \"writes\"\toldmem\tGB/s\tmore\t2 4 3\n"
        + "figure\t<reads> & \"writes\"\tpeer\tGB/s\tmore\t6\n"
    )
    let svg = BarChart(title: "a < b", figures, groups: figures.groups).svg
    let document = try XMLDocument(data: Data(svg.utf8))
    let bars = try document.nodes(forXPath: "//*[local-name()='rect']/@width")
    #expect(bars.compactMap(\.stringValue) == ["210", "420"])
    let words = try document.nodes(forXPath: "//*[local-name()='text']")
    #expect(words.contains { $0.stringValue == "<reads> & \"writes\"" })
    #expect(words.contains { $0.stringValue == "3.00 GB/s" })
  }
}
