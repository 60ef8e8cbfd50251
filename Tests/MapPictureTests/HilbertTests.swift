// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import MapPicture

@Suite struct HilbertTests {
  @Test(arguments: 0...7) func everyCellIsOnTheCurveOnce(order: Int) {
    let curve = HilbertCurve(order: order)
    var seen = [Bool](repeating: false, count: curve.side * curve.side)
    var wrong = 0
    for index in seen.indices {
      let (x, y) = curve.cell(UInt64(index))
      if curve.index(x: x, y: y) != UInt64(index) { wrong += 1 }
      seen[y * curve.side + x] = true
    }
    #expect(wrong == 0 && !seen.contains(false))
  }

  @Test(arguments: 1...7) func whatFollowsIsANeighbour(order: Int) {
    let curve = HilbertCurve(order: order)
    let leaps = (1..<UInt64(curve.side * curve.side)).filter { index in
      let (a, b) = (curve.cell(index - 1), curve.cell(index))
      return abs(a.x - b.x) + abs(a.y - b.y) != 1
    }
    #expect(leaps.isEmpty)
  }

  /// So a picture that is looked at more closely shows the same places.
  @Test(arguments: 1...7) func aCoarserCurveGoesTheSameWay(order: Int) {
    let fine = HilbertCurve(order: order)
    let coarse = HilbertCurve(order: order - 1)
    let strays = (0..<UInt64(fine.side * fine.side)).filter { index in
      let (x, y) = fine.cell(index)
      return coarse.cell(index / 4) != (x / 2, y / 2)
    }
    #expect(strays.isEmpty)
  }

  /// So squares side by side are one curve.
  @Test(arguments: 0...7) func itEndsAtTheTopRight(order: Int) {
    let curve = HilbertCurve(order: order)
    #expect(curve.cell(0) == (0, 0))
    let last = UInt64(curve.side * curve.side) - 1
    #expect(curve.cell(last) == (curve.side - 1, 0))
  }

  @Test(arguments: [1, 2, 4, 5, 1000, 32768, 524_288, 1 << 28] as [UInt64])
  func theSquaresHoldAllAndLittleMore(positions: UInt64) {
    let strip = HilbertStrip(positions: positions)
    let square = UInt64(1) << UInt64(2 * strip.order)
    #expect((1...3).contains(strip.squares))
    #expect(UInt64(strip.squares) * square >= positions)
    #expect(UInt64(strip.squares - 1) * square < positions)
  }
}
