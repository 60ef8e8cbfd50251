// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Hilbert's curve through a square of 2^order cells a side: cells that follow
/// one another are neighbours, and what lies close together in memory does so
/// in the picture.
///
/// It begins at the top left and ends at the top right, so that squares side
/// by side are one curve. The curve of a lower order goes the same way.
public struct HilbertCurve: Sendable {
  /// log2 of the cells of a side.
  public let order: Int

  /// A curve of an order from 0 to 31.
  public init(order: Int) { self.order = min(max(order, 0), 31) }

  /// The cells of a side.
  public var side: Int { 1 << order }

  /// The cell of the number `index`, counted along the curve.
  public func cell(_ index: UInt64) -> (x: Int, y: Int) {
    var x = 0
    var y = 0
    var rest = index
    var size = 1
    while size < side {
      let right = Int(rest >> 1 & 1)
      let down = Int((rest ^ UInt64(right)) & 1)
      if down == 0 {
        if right == 1 {
          x = size - 1 - x
          y = size - 1 - y
        }
        (x, y) = (y, x)
      }
      x += size * right
      y += size * down
      rest >>= 2
      size *= 2
    }
    return (x, y)
  }

  /// The number of a cell.
  public func index(x: Int, y: Int) -> UInt64 {
    var (x, y) = (x, y)
    var index: UInt64 = 0
    var size = side / 2
    while size > 0 {
      let right = x & size > 0 ? 1 : 0
      let down = y & size > 0 ? 1 : 0
      index += UInt64(size) * UInt64(size) * UInt64((3 * right) ^ down)
      if down == 0 {
        if right == 1 {
          x = size - 1 - (x & (size - 1))
          y = size - 1 - (y & (size - 1))
        }
        (x, y) = (y, x)
      }
      x &= size - 1
      y &= size - 1
      size /= 2
    }
    return index
  }
}

/// A picture's squares: as many side by side, up to four, as its positions
/// need; each has 4^order of them.
public struct HilbertStrip: Equatable, Sendable {
  /// log2 of a square's side, in positions.
  public let order: Int
  /// How many squares there are.
  public let squares: Int

  /// The squares for so many positions.
  public init(positions: UInt64) {
    var order = 0
    while order < 31, UInt64(3) << UInt64(2 * order) < positions {
      order += 1
    }
    self.order = order
    let square = UInt64(1) << UInt64(2 * order)
    squares = Int((max(positions, 1) + square - 1) / square)
  }
}
