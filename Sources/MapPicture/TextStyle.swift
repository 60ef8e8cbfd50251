// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Report

/// How a map is written to a terminal or a file.
public struct TextStyle: Sendable {
  /// What colours there are.
  public enum Depth: Sendable, Equatable {
    /// None: letters.
    case letters
    /// Those of xterm's table of 256.
    case palette
    /// All, by 24 bits.
    case full
  }

  /// The colours.
  public var depth: Depth
  /// Whether half of a character may be painted (U+2580).
  public var hasHalfBlocks: Bool
  /// The width, in characters.
  public var columns: Int
  /// The most lines that the map has, without head and legend.
  public var lines: Int
  /// Hilbert's curve instead of a row for each range of addresses.
  public var isHilbert = false

  /// A style.
  public init(depth: Depth, hasHalfBlocks: Bool, columns: Int, lines: Int) {
    self.depth = depth
    self.hasHalfBlocks = hasHalfBlocks && depth != .letters
    self.columns = max(columns, 24)
    self.lines = max(lines, 4)
  }

  /// Plain text of 80 columns: what is the same wherever it is written.
  public static let plain = TextStyle(
    depth: .letters,
    hasHalfBlocks: false,
    columns: 80,
    lines: 32
  )

  /// Two cells, one above the other where there are half blocks; the lower
  /// one counts for nothing where there are none.
  func pair(_ upper: Paint?, _ lower: Paint?) -> String {
    switch depth {
    case .letters: return upper.map { "\($0.letter)" } ?? " "
    case .palette, .full: break
    }
    guard hasHalfBlocks else {
      return upper.map { background($0) + " " } ?? reset + " "
    }
    return switch (upper, lower) {
    case (nil, nil): reset + " "
    case (let upper?, nil): reset + foreground(upper) + "\u{2580}"
    case (nil, let lower?): reset + foreground(lower) + "\u{2584}"
    case (let upper?, let lower?):
      upper == lower
        ? background(upper) + " "
        : foreground(upper) + background(lower) + "\u{2580}"
    }
  }

  /// Ends all colours.
  var reset: String { depth == .letters ? "" : "\u{1b}[0m" }

  /// Two characters that show a paint in a legend.
  func swatch(_ paint: Paint) -> String {
    depth == .letters ? "\(paint.letter)" : background(paint) + "  " + reset
  }

  private func foreground(_ paint: Paint) -> String { code(38, paint) }
  private func background(_ paint: Paint) -> String { code(48, paint) }

  private func code(_ ground: Int, _ paint: Paint) -> String {
    // Nobody knows the terminal's own colours; those for the dark can be
    // seen on either.
    let color = Palette.dark[paint]
    return depth == .full
      ? "\u{1b}[\(ground);2;\(color.red);\(color.green);\(color.blue)m"
      : "\u{1b}[\(ground);5;\(Palette.terminalColor(paint))m"
  }

  /// A line without colour changes that change nothing.
  func tidy(_ cells: [String]) -> String {
    var line = ""
    var last = ""
    for cell in cells {
      let glyph = cell.last.map(String.init) ?? ""
      let codes = String(cell.dropLast())
      line += codes == last ? glyph : codes + glyph
      last = codes
    }
    if depth == .letters {
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    return line + reset
  }
}
