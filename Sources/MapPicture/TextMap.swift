// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Report

/// Maps of characters, for terminals and for files.
extension PhysicalMap {
  /// The map with its head and its legend, each line without its end.
  public func text(_ style: TextStyle) -> [String] {
    head + [""] + (style.isHilbert ? curve(style) : rows(style)) + [""]
      + legendLines(style) + [""] + wrapped(scene.plan, to: style.columns)
  }

  /// What head and legend take of a screen.
  public var linesAroundText: Int {
    head.count + legend.count + 8
  }

  private var head: [String] {
    let width = (scene.rules.map(\.key.count) + [6]).max() ?? 6
    func row(_ key: String, _ value: String) -> String {
      "  " + key + String(repeating: " ", count: width - key.count + 2) + value
    }
    let nodes = nodes.count > 1 ? ", \(nodes.count) nodes" : ""
    return [scene.file, row("kernel", scene.release)]
      + [row("memory", sizeText(frames) + nodes)]
      + scene.rules.map { row($0.key, $0.value) }
  }

  private var digits: Int {
    let last = segments.last?.frames.end.value ?? 1
    return max(8, String(last << Frame.shift, radix: 16).count)
  }

  /// A line for each range of addresses; where there is no memory for
  /// several, one that says so.
  private func rows(_ style: TextStyle) -> [String] {
    let label = digits + 4
    var width = 16
    while width * 2 <= style.columns - label, width < 256 { width *= 2 }
    let height = style.hasHalfBlocks ? 2 : 1
    let lineCells = UInt64(width * height)
    let spans = Self.spans(segments)
    var size: UInt64 = 1
    while Self.lineCount(spans, size * lineCells) > style.lines {
      size *= 2
    }
    var lines = wrapped(
      "a cell: \(sizeText(size)), what most of it is; "
        + "a line: \(sizeText(size * lineCells))",
      to: style.columns
    )
    var next: UInt64 = 0
    for row in rows(of: size, width: width * height) {
      let missing = row.number - next
      if missing > 1 {
        lines.append(
          String(repeating: " ", count: label) + "... no memory for "
            + sizeText(missing * lineCells * size)
        )
      } else if missing == 1 {
        lines.append(addressText(next * lineCells * size, digits: digits))
      }
      let first = row.number * lineCells * size
      lines += nodeLines(first..<(first + lineCells * size), label)
      let glyphs = (0..<width).map { column in
        style.pair(
          row.cells[column].paint,
          height == 2 ? row.cells[column + width].paint : nil
        )
      }
      let address = addressText(first, digits: digits)
      lines.append(Self.joined(address + "  ", style.tidy(glyphs)))
      next = row.number + 1
    }
    return lines
  }

  /// A node's name before the line that it begins in.
  private func nodeLines(_ row: Range<UInt64>, _ label: Int) -> [String] {
    guard nodes.count > 1 else { return [] }
    return nodes.indices.filter { row.contains(nodes[$0].start.value) }.map {
      String(repeating: " ", count: label) + "node \($0) from "
        + addressText(nodes[$0].start.value)
    }
  }

  private static func joined(_ label: String, _ cells: String) -> String {
    let line = label + cells
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private static func lineCount(_ spans: [FrameRange], _ line: UInt64) -> Int {
    var count = 0
    // The line behind the last one that is there.
    var next: UInt64 = 0
    for span in spans {
      let first = span.start.value / line
      let last = (span.end.value - 1) / line
      // A line for a hole, or for the only one that it has.
      if first > next { count += 1 }
      if last >= next { count += Int(clamping: last - max(first, next) + 1) }
      next = max(next, last + 1)
    }
    return count
  }

  /// Hilbert's curve, its squares side by side.
  private func curve(_ style: TextStyle) -> [String] {
    let strip = HilbertStrip(positions: fold.positions)
    // A character is twice as high as it is wide.
    let wide = style.hasHalfBlocks ? 1 : 2
    let high = style.hasHalfBlocks ? 2 : 1
    var order = 0
    while order < min(strip.order, 8),
      strip.squares * wide << (order + 1) <= style.columns,
      2 << order <= style.lines * high
    {
      order += 1
    }
    let curve = HilbertCurve(order: order)
    let size = UInt64(1) << UInt64(2 * (strip.order - order))
    let cells = cells(of: size).map(\.paint)
    let side = curve.side
    var lines = wrapped(
      "a cell: \(sizeText(size)), what most of it is; Hilbert's curve from "
        + "the top left",
      to: style.columns
    )
    let starts = (0..<strip.squares).map { square in
      let first = UInt64(square) << UInt64(2 * strip.order)
      let text = addressText(fold.frame(at: first))
      let room = side * wide
      return text.count < room
        ? text + String(repeating: " ", count: room - text.count)
        : String(repeating: " ", count: room)
    }
    lines.append(Self.joined(starts.joined(), ""))
    for y in stride(from: 0, to: max(side, high), by: high) {
      let glyphs = (0..<(side * strip.squares)).flatMap { x -> [String] in
        func paint(_ y: Int) -> Paint? {
          guard y < side else { return nil }
          let index =
            UInt64(x / side) << UInt64(2 * order)
            + curve.index(x: x % side, y: y)
          return index < UInt64(cells.count) ? cells[Int(index)] : nil
        }
        let glyph = style.pair(paint(y), high == 2 ? paint(y + 1) : nil)
        return Array(repeating: glyph, count: wide)
      }
      lines.append(style.tidy(glyphs))
    }
    return lines
  }

  private func legendLines(_ style: TextStyle) -> [String] {
    var table = Table([
      ("class", .left), ("size", .right), ("may be lent", .right),
    ])
    for entry in legend {
      table.add([
        entry.name, sizeText(entry.frames, isAligned: true),
        entry.reusable == 0
          ? "-" : sizeText(entry.reusable, isAligned: true),
      ])
    }
    let lines = table.lines
    let swatches =
      [String(repeating: " ", count: 6)]
      + legend.map { $0.swatches(style) }
    return zip(swatches, lines).map { $0 + $1 }
  }
}

extension PhysicalMap.Entry {
  /// The paints of the entry: of a kind as it may be lent, and as it is kept.
  public var paints: [Paint] {
    if let shelf { return [Paint(shelf: shelf)] }
    guard let kind else { return [] }
    return (reusable > 0 ? [Paint(kind, mayBeLent: true)] : [])
      + (frames > reusable ? [Paint(kind, mayBeLent: false)] : [])
  }

  /// What shows them, in six columns.
  fileprivate func swatches(_ style: TextStyle) -> String {
    let isPlain = style.depth == .letters
    let glyphs = paints.map(style.swatch)
    let used = isPlain ? glyphs.count * 2 - 1 : glyphs.count * 2
    return glyphs.joined(separator: isPlain ? " " : "")
      + String(repeating: " ", count: 6 - used)
  }
}
