// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Rows of words as text, each column as wide as its widest word.
public struct Table: Sendable {
  /// Which edge of its column a word stands at.
  public enum Edge: Sendable { case left, right }

  private let columns: [(title: String, edge: Edge)]
  private var rows: [[String]] = []

  /// A table without rows.
  public init(_ columns: [(title: String, edge: Edge)]) {
    self.columns = columns
  }

  /// Adds a row; words that are missing stay empty.
  public mutating func add(_ words: [String]) {
    rows.append(columns.indices.map { $0 < words.count ? words[$0] : "" })
  }

  /// The title's line, then the rows', without trailing blanks.
  public var lines: [String] {
    let titles = columns.map(\.title)
    let widths = columns.indices.map { column in
      ([titles] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([titles] + rows).map { row in
      let cells = columns.indices.map { column in
        let gap = String(
          repeating: " ",
          count: widths[column] - row[column].count
        )
        switch columns[column].edge {
        case .left: return row[column] + gap
        case .right: return gap + row[column]
        }
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
