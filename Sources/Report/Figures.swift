// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What a benchmark leaves behind, a line for each thing that was measured,
// with tabs between the words:
//
//     figure  GROUP  SUBJECT  UNIT  more|less  VALUE VALUE ...
//     goal    GROUP  RATIO    PEER
//     machine TEXT
//
// The values are those of the rounds, in turn. Of a group the subject "oldmem"
// is ours and all others are peers; `more` says that a larger value is better.
// A goal is the ratio to that peer, or to the best of them when PEER is "best".

/// All that benchmarks have measured.
public struct Figures: Sendable {
  /// One subject's values of one group.
  public struct Figure: Sendable, Equatable {
    /// What was measured.
    public let group: String
    /// Who was measured.
    public let subject: String
    /// What the values count.
    public let unit: String
    /// Whether a larger value is better.
    public let moreIsBetter: Bool
    /// One value for each round.
    public let values: [Double]
  }

  /// A ratio to be reached in a group.
  public struct Goal: Sendable, Equatable {
    /// What is measured.
    public let group: String
    /// How many times better we are to be.
    public let ratio: Double
    /// Than whom.
    public let peer: String
  }

  /// A line that makes no sense.
  public struct Malformed: Error, CustomStringConvertible {
    /// Which line, counted from 1.
    public let line: Int
    /// What is wrong with it.
    public let reason: String

    /// The error as a sentence.
    public var description: String { "line \(line): \(reason)" }
  }

  /// The subject that is ours.
  public static let ours = "oldmem"

  /// In the order in which they came.
  public private(set) var figures: [Figure] = []
  /// In the order in which they came.
  public private(set) var goals: [Goal] = []
  /// What it was measured on, each once.
  public private(set) var machines: [String] = []

  /// Nothing yet.
  public init() {}

  /// Takes the lines of a file of figures.
  public mutating func add(_ text: String) throws(Malformed) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      func fail(_ reason: String) -> Malformed {
        Malformed(line: index + 1, reason: reason)
      }
      let words = line.split(
        separator: "\t",
        omittingEmptySubsequences: false
      ).map(String.init)
      switch (words[0], words.count) {
      case ("figure", 6):
        let values = words[5].split(separator: " ").map { Double($0) }
        guard !values.isEmpty, !values.contains(where: { $0 == nil }) else {
          throw fail("\"\(words[5])\" are no numbers")
        }
        guard ["more", "less"].contains(words[4]) else {
          throw fail("\"\(words[4])\" is neither more nor less")
        }
        figures.append(
          Figure(
            group: words[1],
            subject: words[2],
            unit: words[3],
            moreIsBetter: words[4] == "more",
            values: values.compactMap { $0 }
          )
        )
      case ("goal", 4):
        guard let ratio = Double(words[2]) else {
          throw fail("\"\(words[2])\" is no number")
        }
        goals.append(Goal(group: words[1], ratio: ratio, peer: words[3]))
      case ("machine", 2):
        if !machines.contains(words[1]) { machines.append(words[1]) }
      default:
        throw fail("not a figure, a goal or a machine")
      }
    }
  }

  /// The groups, in the order in which they came.
  public var groups: [String] {
    var seen: [String] = []
    for figure in figures where !seen.contains(figure.group) {
      seen.append(figure.group)
    }
    return seen
  }

  /// The figures of a group.
  public func figures(of group: String) -> [Figure] {
    figures.filter { $0.group == group }
  }
}

extension Figures.Figure {
  /// The middle value.
  public var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
      ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// How many times better this is than `other`.
  public func ratio(to other: Self) -> Double {
    moreIsBetter ? median / other.median : other.median / median
  }
}
