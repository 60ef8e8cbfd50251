// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Figures as bars, in SVG: a group each, its subjects one below the other,
/// scaled to the largest median of the group, with the spread as a thin line.
///
/// Text and lines take the colour of the page around them (`currentColor`), so
/// that the picture can be read in the dark and in the light.
public struct BarChart: Sendable {
  private let title: String
  private let groups: [(name: String, figures: [Figures.Figure])]

  private static let labelWidth = 150.0
  private static let barWidth = 420.0
  private static let valueWidth = 150.0
  private static let lineHeight = 22.0

  /// A chart of these groups of figures.
  public init(title: String, _ figures: Figures, groups: [String]) {
    self.title = title
    self.groups = groups.map { ($0, figures.figures(of: $0)) }
  }

  /// The picture.
  public var svg: String {
    var y = 34.0
    var body = ""
    for (name, figures) in groups {
      body += text(name, x: 0, y: y, style: "font-weight:600")
      y += Self.lineHeight
      let largest = figures.flatMap(\.values).max() ?? 1
      for figure in figures {
        body += bar(figure, y: y, largest: largest)
        y += Self.lineHeight
      }
      y += 8
    }
    let width = Self.labelWidth + Self.barWidth + Self.valueWidth
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(decimal(width)) \
      \(decimal(y))" width="\(decimal(width))" height="\(decimal(y))" role="img" \
      font-family="system-ui, sans-serif" font-size="13" \
      fill="currentColor" color="#555">
      <title>\(Markup.escaped(title))</title>
      \(text(title, x: 0, y: 14, style: "font-size:15px"))\(body)</svg>

      """
  }

  private func bar(
    _ figure: Figures.Figure,
    y: Double,
    largest: Double
  ) -> String {
    func place(_ value: Double) -> Double {
      Self.labelWidth + value / largest * Self.barWidth
    }
    let isOurs = figure.subject == Figures.ours
    let middle = y - 5
    let low = place(figure.values.min() ?? 0)
    let high = place(figure.values.max() ?? 0)
    let better = figure.moreIsBetter ? "" : " (less is better)"
    return text(figure.subject, x: 8, y: y) + """
      <rect x="\(Self.labelWidth)" y="\(decimal(y - 13))" \
      width="\(decimal(place(figure.median) - Self.labelWidth))" height="15" \
      fill="\(isOurs ? "#3b78c2" : "#9aa5b1")"/>
      <line x1="\(decimal(low))" x2="\(decimal(high))" y1="\(decimal(middle))" \
      y2="\(decimal(middle))" stroke="#222" stroke-width="1.5"/>

      """
      + text(
        "\(number(figure.median)) \(figure.unit)\(better)",
        x: Self.labelWidth + Self.barWidth + 8,
        y: y
      )
  }

  private func text(
    _ text: String,
    x: Double,
    y: Double,
    style: String = ""
  ) -> String {
    let style = style.isEmpty ? "" : " style=\"\(style)\""
    return "<text x=\"\(decimal(x))\" y=\"\(decimal(y))\"\(style)>"
      + Markup.escaped(text) + "</text>\n"
  }
}
