// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// What lies in one cell of a picture.
public struct MapCell: Equatable, Sendable {
  /// Frames of one sort in the cell.
  public struct Part: Equatable, Sendable {
    /// The sort.
    public let sort: FrameSort
    /// How many frames; where a segment is not exact, all of it counts as
    /// what most of it is.
    public fileprivate(set) var frames: UInt64
  }

  /// The sorts in the cell; none where there is no memory.
  public fileprivate(set) var parts: [Part] = []
  /// The segment that has most of the cell.
  public fileprivate(set) var segment: Int?
  /// How many frames of it are in the cell.
  fileprivate var segmentFrames: UInt64 = 0

  /// How many frames there are.
  public var frames: UInt64 { parts.reduce(0) { $0 + $1.frames } }

  /// What most of the frames look like; nil where there are none.
  public var paint: Paint? {
    guard parts.count > 1 else { return parts.first?.sort.paint }
    var frames = [UInt64](repeating: 0, count: Paint.count)
    for part in parts { frames[part.sort.paint.index] += part.frames }
    return Paint.all.max {
      (frames[$0.index], $1.index) < (frames[$1.index], $0.index)
    }
  }

  fileprivate mutating func add(
    _ sort: FrameSort,
    _ count: UInt64,
    of segment: Int
  ) {
    if let index = parts.firstIndex(where: { $0.sort == sort }) {
      parts[index].frames += count
    } else {
      parts.append(Part(sort: sort, frames: count))
    }
    if count > segmentFrames {
      self.segment = segment
      segmentFrames = count
    }
  }
}

/// Cells side by side, for a range of addresses with memory in it.
struct MapRow {
  /// The row's number, counted from address 0.
  let number: UInt64
  var cells: [MapCell]
}

extension PhysicalMap {
  /// The picture's positions in cells of `size` frames, a power of two; each
  /// frame is in one of them.
  public func cells(of size: UInt64) -> [MapCell] {
    let count = Int((fold.positions + size - 1) / size)
    var cells = [MapCell](repeating: MapCell(), count: count)
    for (index, segment) in segments.enumerated() {
      Self.cut(
        fold.position(of: segment.frames.start.value),
        segment.frames.count,
        size
      ) { cell, part in
        guard cell < cells.count else { return }
        cells[Int(cell)].add(segment.sort, part, of: index)
      }
    }
    return cells
  }

  /// Memory by its addresses, in rows of `width` cells of `size` frames; rows
  /// without memory are left out, and each frame is in one cell.
  func rows(of size: UInt64, width: Int) -> [MapRow] {
    var rows: [MapRow] = []
    let empty = [MapCell](repeating: MapCell(), count: width)
    for (index, segment) in segments.enumerated() {
      let start = segment.frames.start.value
      Self.cut(start, segment.frames.count, size) { cell, part in
        let (number, column) = cell.quotientAndRemainder(
          dividingBy: UInt64(width)
        )
        if rows.last?.number != number {
          rows.append(MapRow(number: number, cells: empty))
        }
        rows[rows.count - 1].cells[Int(column)].add(
          segment.sort,
          part,
          of: index
        )
      }
    }
    return rows
  }

  /// Cuts frames that begin at a position into what is in each cell.
  private static func cut(
    _ position: UInt64,
    _ count: UInt64,
    _ size: UInt64,
    _ body: (_ cell: UInt64, _ frames: UInt64) -> Void
  ) {
    var position = position
    var left = count
    while left > 0 {
      let part = min(left, size - position % size)
      body(position / size, part)
      position += part
      left -= part
    }
  }
}
