// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import MapPicture
internal import PageClasses
internal import Report

/// Numbers over time, as lines of an SVG picture that takes the page's colours.
struct TimelineChart {
  /// One line.
  struct Line {
    let name: String
    /// The class of its line, and of what is below it.
    let line: String, area: String?
    let values: [Double]
  }

  let title: String
  let seconds: [Double]
  let lines: [Line]
  let unit: String
  /// Moments to be marked, and what happened.
  var marks: [(seconds: Double, text: String)] = []
  var height = 236.0

  private static let width = 1012.0
  private static let (left, top) = (58.0, 14.0)
  private static let (right, bottom) = (12.0, 30.0)

  private var first: Double { seconds.first ?? 0 }
  private var span: Double { max(1, (seconds.last ?? 1) - first) }
  private var most: Double { max(lines.flatMap(\.values).max() ?? 1, 0.001) }
  private var step: Double { Self.step(most / 4) }
  private var top: Double { (most / step).rounded(.up) * step }

  private func x(_ second: Double) -> Double {
    Self.left + (second - first) / span * (Self.width - Self.left - Self.right)
  }

  private func y(_ value: Double) -> Double {
    Self.top + (1 - value / top) * (height - Self.top - Self.bottom)
  }

  /// The picture.
  var svg: String {
    var body = grid
    for line in lines { body += shape(line) }
    for mark in marks {
      let place = decimal(min(max(x(mark.seconds), Self.left), x(first + span)))
      body += """
        <line class="c-event" x1="\(place)" x2="\(place)" \
        y1="\(decimal(y(top)))" y2="\(decimal(y(0)))"><title>\
        \(Markup.escaped(mark.text))</title></line>

        """
    }
    return """
      <svg viewBox="0 0 \(decimal(Self.width)) \(decimal(height))" \
      width="\(decimal(Self.width))" height="\(decimal(height))" class="wide" role="img" \
      font-size="12">
      <title>\(Markup.escaped(title))</title>
      \(body)\(hovers)</svg>

      """
  }

  private var grid: String {
    var text = ""
    var value = 0.0
    while value <= top * 1.001 {
      let place = decimal(y(value))
      text += """
        <line class="c-grid" x1="\(decimal(Self.left))" \
        x2="\(decimal(Self.width - Self.right))" y1="\(place)" y2="\(place)"/>\
        <text class="c-soft" x="\(decimal(Self.left - 8))" \
        y="\(decimal(y(value) + 4))" text-anchor="end">\(decimal(value, places: 2))</text>

        """
      value += step
    }
    let pace = Self.step(span / 8)
    let start = (first / pace).rounded(.up) * pace
    // Counted, as adding to a large number may not make it larger.
    for second in (0...8).map({ start + Double($0) * pace })
    where second <= first + span {
      text += """
        <text class="c-soft" x="\(decimal(x(second)))" \
        y="\(decimal(height - 8))" text-anchor="middle">\
        \(decimal(second, places: 2)) s</text>

        """
    }
    return text
  }

  private func shape(_ line: Line) -> String {
    guard !line.values.isEmpty else { return "" }
    let places = zip(seconds, line.values).map { second, value in
      "\(decimal(x(second))) \(decimal(y(value)))"
    }
    let path = "M" + places.joined(separator: "L")
    var text = ""
    if let area = line.area {
      let end = seconds[min(seconds.count, line.values.count) - 1]
      text += """
        <path class="\(area)" d="\(path)L\(decimal(x(end))) \(decimal(y(0)))\
        L\(decimal(x(first))) \(decimal(y(0)))z"/>

        """
    }
    return text + "<path class=\"\(line.line)\" d=\"\(path)\"/>\n"
  }

  /// What is said where the pointer is.
  private var hovers: String {
    var text = ""
    for index in seconds.indices {
      let low = index == 0 ? first : (seconds[index - 1] + seconds[index]) / 2
      let high =
        index + 1 < seconds.count
        ? (seconds[index] + seconds[index + 1]) / 2 : first + span
      guard high > low else { continue }
      let words = lines.filter { index < $0.values.count }.map {
        "\($0.name) \(decimal($0.values[index])) \(unit)"
      }
      text += """
        <rect class="c-hover" x="\(decimal(x(low)))" y="\(decimal(Self.top))" \
        width="\(decimal(x(high) - x(low)))" \
        height="\(decimal(y(0) - Self.top))"><title>\
        \(Markup.escaped("\(decimal(seconds[index], places: 2)) s: "
          + words.joined(separator: ", ")))</title></rect>

        """
    }
    return text
  }

  /// 1, 2 or 5 times a power of ten, not below `value`.
  static func step(_ value: Double) -> Double {
    var power = 1.0
    while power < value { power *= 10 }
    while power / 10 >= value { power /= 10 }
    return [0.2, 0.5, 1].map { $0 * power }.first { $0 >= value } ?? power
  }
}

/// Sizes as bars, each in parts.
struct PartsChart {
  struct Bar {
    let name: String
    /// A class of the style, a size, and what it is.
    let parts: [(paint: String, size: Double, words: String)]
    let text: String
  }

  let title: String
  let bars: [Bar]

  private static let (label, room, text) = (180.0, 560.0, 272.0)

  var svg: String {
    let most = bars.map { $0.parts.reduce(0) { $0 + $1.size } }.max() ?? 1
    var body = ""
    for (index, bar) in bars.enumerated() {
      let y = Double(index) * 26
      var x = Self.label
      body += """
        <text class="c-ink" x="0" y="\(decimal(y + 16))">\(Markup.escaped(bar.name))</text>

        """
      for part in bar.parts where part.size > 0 {
        let wide = max(part.size / max(most, 1e-9) * Self.room, 0.7)
        body += """
          <rect class="\(part.paint)" x="\(decimal(x))" y="\(decimal(y + 3))" \
          width="\(decimal(wide))" height="18"><title>\(Markup.escaped(part.words))\
          </title></rect>

          """
        x += wide
      }
      body += """
        <text class="c-soft" x="\(decimal(x + 9))" y="\(decimal(y + 16))">\
        \(Markup.escaped(bar.text))</text>

        """
    }
    let (width, height) = (Self.label + Self.room + Self.text, bars.count * 26)
    return """
      <svg viewBox="0 0 \(decimal(width)) \(height)" width="\(decimal(width))" \
      height="\(height)" class="wide" role="img" font-size="13">
      <title>\(Markup.escaped(title))</title>
      \(body)</svg>

      """
  }
}

/// What was dumped, from the lowest address to the highest: a column for each
/// stretch of memory.
struct AddressChart {
  let cells: [CaptureAccount.DumpCell]

  private static let (width, height) = (1012.0, 92.0)

  var svg: String {
    let wide = Self.width / Double(max(cells.count, 1))
    let most = Double(cells.map(\.present).max() ?? 1)
    var body = ""
    for (index, cell) in cells.enumerated() {
      let x = decimal(Double(index) * wide)
      // Whether it is the dump or the list that is wrong, nothing is higher than
      // its column.
      let dumped = min(cell.dumped, cell.present)
      let lent = min(cell.lent, cell.present - dumped)
      var y = Self.height
      let words =
        "\(addressText(cell.first)): \(sizeText(dumped)) dumped, "
        + "\(sizeText(cell.present - dumped)) left out"
        + (cell.lent > 0 ? ", \(sizeText(cell.lent)) lent" : "")
      body += "<g><title>\(Markup.escaped(words))</title>"
      for (name, frames) in [
        ("c-dumped", dumped), ("c-out", cell.present - dumped - lent),
        ("c-lent", lent),
      ] where frames > 0 {
        let high = Double(frames) / most * Self.height
        y -= high
        body += """
          <rect class="\(name)" x="\(x)" y="\(decimal(y))" \
          width="\(decimal(wide + 0.15))" height="\(decimal(high))"/>
          """
      }
      body += "</g>\n"
    }
    return """
      <svg viewBox="0 0 \(decimal(Self.width)) \(decimal(Self.height))" \
      width="\(decimal(Self.width))" height="\(decimal(Self.height))" class="wide" role="img" \
      shape-rendering="crispEdges">
      <title>What was dumped, by address</title>
      <rect class="c-ground" width="100%" height="100%"/>
      \(body)</svg>

      """
  }
}
