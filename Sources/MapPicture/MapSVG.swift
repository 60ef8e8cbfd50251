// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Report

/// The map as an SVG picture, for pages and papers: Hilbert's curve in at most
/// 128 x 128 cells a square, a shape for each stretch of cells that are alike,
/// with a title that browsers show where the pointer is.
extension PhysicalMap {
  /// The picture, in colours for the light and for the dark.
  public var svg: String {
    let drawing = CurveDrawing(self)
    let legendTop = Int(drawing.top + drawing.height) + 34
    let columns = drawing.width >= 900 ? 3 : 2
    let rows = (legend.count + columns - 1) / columns
    let height = legendTop + rows * 22 + 34
    let title = "\(scene.release), \(sizeText(frames)) of memory"
    let width = Int(drawing.width)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      width="\(width)" height="\(height)" role="img" \
      font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13">
      <title>\(Markup.escaped(title))</title>
      <style>\(Self.pictureStyle)</style>
      <rect class="ground" width="100%" height="100%"/>
      <text class="ink" x="12" y="26" font-size="17">\(Markup.escaped(title))</text>
      <text class="soft" x="12" y="46">\(Markup.escaped(scene.plan))</text>
      <g shape-rendering="crispEdges">
      <rect class="raised" x="\(decimal(drawing.left))" \
      y="\(decimal(drawing.top))" width="\(decimal(drawing.pictureWidth))" \
      height="\(decimal(drawing.height))"/>
      \(drawing.shapes)</g>
      <path class="edge" d="\(drawing.lentEdges)"/>
      \(drawing.labels)\(legendShapes(legendTop, columns, width))</svg>

      """
  }

  package static var pictureStyle: String {
    func theme(_ palette: Palette, ink: String, soft: String, raised: String)
      -> String
    {
      Paint.all.map { ".p\($0.index){fill:\(palette[$0].css)}" }.joined()
        + ".ground{fill:\(palette.background.css)}.ink{fill:\(ink)}"
        + ".soft{fill:\(soft)}.raised{fill:\(raised)}"
        + ".edge{stroke:\(ink);stroke-width:1.5;fill:none}"
        + ".grid{stroke:\(ink);stroke-opacity:.16;fill:none}"
        + ".label{fill:\(palette.background.css);fill-opacity:.82}"
    }
    return theme(.light, ink: "#1c2126", soft: "#5a636d", raised: "#f4f6f8")
      + "@media (prefers-color-scheme:dark){"
      + theme(.dark, ink: "#e8ebee", soft: "#9aa4ae", raised: "#1e2327") + "}"
  }

  private func legendShapes(_ top: Int, _ columns: Int, _ width: Int) -> String
  {
    let rows = (legend.count + columns - 1) / columns
    var text = ""
    for (index, entry) in legend.enumerated() {
      let x = 12 + index / rows * ((width - 24) / columns)
      let y = top + index % rows * 22
      for (place, paint) in entry.paints.enumerated() {
        let wide = 28 / entry.paints.count
        text +=
          "<rect class=\"p\(paint.index)\" x=\"\(x + place * wide)\" "
          + "y=\"\(y - 11)\" width=\"\(wide)\" height=\"14\"/>"
      }
      let lent =
        entry.shelf != nil || entry.reusable == 0
        ? "" : ", \(sizeText(entry.reusable)) may be lent"
      text +=
        "<text class=\"ink\" x=\"\(x + 36)\" y=\"\(y)\" "
        + "font-size=\"12\">\(Markup.escaped(entry.name)) <tspan class=\"soft\">"
        + "\(sizeText(entry.frames))\(lent)</tspan></text>\n"
    }
    return text + "<text class=\"soft\" x=\"12\" y=\"\(top + rows * 22 + 12)\" "
      + "font-size=\"12\">Where some of a class may be lent, muted is what is "
      + "kept. The curve begins at the top left and ends at the top right."
      + "</text>\n"
  }

  /// What is said of cells that are alike, a line each.
  func words(from first: Int, count: Int, size: UInt64, _ cell: MapCell)
    -> String
  {
    let start = UInt64(first) * size
    let frames = fold.frame(at: start)
    let length = UInt64(count) * size
    var lines = [
      "\(addressText(frames))-\(lastAddress(frames + length)), "
        + sizeText(length)
    ]
    for part in cell.parts.sorted(by: { $0.frames > $1.frames }).prefix(5) {
      let most = cell.parts.count > 1 ? " \(sizeText(part.frames))" : ""
      lines.append("\(part.sort.pageClass.name), \(part.sort.words)\(most)")
    }
    if let index = cell.segment, segments[index].isExact {
      let run = segments[index].frames
      lines.append(
        "run \(addressText(run.start.value))-\(lastAddress(run.end.value)), "
          + "\(sizeText(run.count)), \(run.count) frames"
      )
    }
    if let node = node(of: FrameNumber(frames)) { lines.append("node \(node)") }
    return lines.joined(separator: "\n")
  }

  private func lastAddress(_ end: UInt64) -> String {
    "0x" + String(end << Frame.shift &- 1, radix: 16)
  }
}

extension FrameSort {
  /// Whether its frames may be lent, in words.
  var words: String {
    shelf > 0
      ? "would be lent, copy \(shelf)"
      : veto.map { "kept: \($0.name)" } ?? "may be lent"
  }
}
