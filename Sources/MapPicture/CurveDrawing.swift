// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Report

/// The cells of a map on Hilbert's curve, as shapes of an SVG picture.
struct CurveDrawing {
  private let map: PhysicalMap
  private let cells: [MapCell]
  private let curve: HilbertCurve
  private let squares: Int
  /// log2 of the frames in a square's side.
  private let order: Int
  /// Frames of a cell.
  private let size: UInt64
  /// The side of a cell, in the picture's units.
  private let unit: Double
  let left = 12.0
  let top = 60.0

  init(_ map: PhysicalMap) {
    self.map = map
    let strip = HilbertStrip(positions: map.fold.positions)
    order = strip.order
    squares = strip.squares
    curve = HilbertCurve(order: min(strip.order, 7))
    size = UInt64(1) << UInt64(2 * (strip.order - curve.order))
    cells = map.cells(of: size)
    let side = [1: 720.0, 2: 512.0][strip.squares] ?? 384.0
    unit = side / Double(curve.side)
  }

  var height: Double { Double(curve.side) * unit }
  var pictureWidth: Double { height * Double(squares) }
  var width: Double { pictureWidth + 2 * left }

  /// Where a cell is, in cells.
  private func place(_ index: Int) -> (x: Int, y: Int) {
    let perSquare = curve.side * curve.side
    let (x, y) = curve.cell(UInt64(index % perSquare))
    return (x + index / perSquare * curve.side, y)
  }

  private func x(_ cell: Int) -> Double { left + Double(cell) * unit }
  private func y(_ cell: Int) -> Double { top + Double(cell) * unit }

  /// Stretches of cells that are of one sort and one run; others alone.
  private var stretches: [Range<Int>] {
    var stretches: [Range<Int>] = []
    for index in cells.indices where !cells[index].parts.isEmpty {
      if let last = stretches.last, last.upperBound == index,
        isUniform(cells[index]), isUniform(cells[index - 1]),
        cells[index].segment == cells[index - 1].segment
      {
        stretches[stretches.count - 1] = last.lowerBound..<(index + 1)
      } else {
        stretches.append(index..<(index + 1))
      }
    }
    return stretches
  }

  private func isUniform(_ cell: MapCell) -> Bool {
    cell.parts.count == 1 && cell.parts[0].frames == size
  }

  /// A path with a title for each stretch.
  var shapes: String {
    var text = ""
    for stretch in stretches {
      let cell = cells[stretch.lowerBound]
      guard let paint = cell.paint else { continue }
      let words = map.words(
        from: stretch.lowerBound,
        count: stretch.count,
        size: size,
        cell
      )
      text +=
        "<path class=\"p\(paint.index)\" d=\"\(outline(stretch))\">"
        + "<title>\(Markup.escaped(words))</title></path>\n"
    }
    return text
  }

  /// The cells of a stretch, those side by side in one piece.
  private func outline(_ stretch: Range<Int>) -> String {
    let places = stretch.map(place).sorted { ($0.y, $0.x) < ($1.y, $1.x) }
    var path = ""
    var index = 0
    while index < places.count {
      let (x, y) = places[index]
      var count = 1
      while index + count < places.count,
        places[index + count] == (x + count, y)
      {
        count += 1
      }
      let wide = decimal(Double(count) * unit)
      path +=
        "M\(decimal(self.x(x))) \(decimal(self.y(y)))h\(wide)"
        + "v\(decimal(unit))h-\(wide)z"
      index += count
    }
    return path
  }

  /// The borders of what would be lent.
  var lentEdges: String {
    let columns = curve.side * squares
    var shelves = [Int](repeating: 0, count: columns * curve.side)
    for index in cells.indices {
      let (x, y) = place(index)
      shelves[y * columns + x] = cells[index].paint?.shelf ?? 0
    }
    var path = ""
    for y in 0..<curve.side {
      for x in 0..<columns {
        let own = shelves[y * columns + x]
        let corner = "M\(decimal(self.x(x))) \(decimal(self.y(y)))"
        if x > 0, shelves[y * columns + x - 1] != own {
          path += corner + "v\(decimal(unit))"
        }
        if y > 0, shelves[(y - 1) * columns + x] != own {
          path += corner + "h\(decimal(unit))"
        }
      }
    }
    return path
  }

  /// A square for each 16th, with the address that it begins at.
  var labels: String {
    let coarse = HilbertCurve(order: min(2, curve.order))
    let each = height / Double(coarse.side)
    var text = ""
    for square in 0..<squares {
      for y in 0..<coarse.side {
        for x in 0..<coarse.side {
          let place =
            UInt64(square) << UInt64(2 * order)
            + coarse.index(x: x, y: y)
            << UInt64(2 * (order - coarse.order))
          guard place < map.fold.positions else { continue }
          let label = addressText(map.fold.frame(at: place))
          let left = left + Double(square) * height + Double(x) * each
          let top = top + Double(y) * each
          text += """
            <rect class="grid" x="\(decimal(left))" y="\(decimal(top))" \
            width="\(decimal(each))" height="\(decimal(each))"/>\
            <rect class="label" x="\(decimal(left + 3))" \
            y="\(decimal(top + 3))" width="\(label.count * 7 + 6)" \
            height="16"/><text class="ink" x="\(decimal(left + 6))" \
            y="\(decimal(top + 15))" font-size="11" \
            font-family="ui-monospace, 'DejaVu Sans Mono', monospace">\
            \(label)</text>

            """
        }
      }
    }
    return text
  }
}
