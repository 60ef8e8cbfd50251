// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import Testing

@testable import MapPicture

/// Nobody has to see colours as most do to tell the paints apart.
@Suite struct PaletteTests {
  /// How people see without one of the three kinds of cones, as matrices on
  /// linear RGB (Machado, Oliveira and Fernandes 2009, severity 1.0).
  private static let eyes: [(name: String, matrix: [[Double]])] = [
    ("all cones", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  private func linear(_ color: Color) -> [Double] {
    [color.red, color.green, color.blue].map {
      let value = Double($0) / 255
      return value <= 0.04045
        ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  /// CIE L*a*b* of what an eye sees.
  private func lab(_ color: Color, _ matrix: [[Double]]) -> [Double] {
    let seen = linear(color)
    let rgb = matrix.map { row in
      min(1, max(0, zip(row, seen).reduce(0) { $0 + $1.0 * $1.1 }))
    }
    func f(_ t: Double) -> Double {
      t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116
    }
    let x = f(
      (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.95047
    )
    let y = f(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2])
    let z = f(
      (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.08883
    )
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }

  /// The paints that a map has: a kind that is never lent has one.
  private static var paints: [Paint] {
    Paint.all.filter { paint in
      guard let kind = paint.kind else { return (paint.shelf ?? 9) <= 2 }
      return kind.isLendable || !paint.mayBeLent
    }
  }

  /// xterm's table from 16 on: a cube of 6 x 6 x 6, then greys.
  private func terminalColor(_ paint: Paint) -> Color {
    let index = Palette.terminalColor(paint)
    let steps: [UInt32] = [0, 95, 135, 175, 215, 255]
    if index >= 232 { return Color(UInt32(8 + 10 * (index - 232)) * 0x10101) }
    let cube = index - 16
    return Color(
      steps[cube / 36] << 16 | steps[cube / 6 % 6] << 8 | steps[cube % 6]
    )
  }

  private enum Ground: CaseIterable { case light, dark, terminal }

  @Test(arguments: 0...3, 0...2)
  func paintsCanBeToldApart(eye: Int, ground: Int) {
    let ground = Ground.allCases[ground]
    let palette = ground == .light ? Palette.light : Palette.dark
    let (name, matrix) = Self.eyes[eye]
    func seen(_ paint: Paint) -> [Double] {
      lab(ground == .terminal ? terminalColor(paint) : palette[paint], matrix)
    }
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      sqrt(zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
    }
    // Some 2 is what can be seen at all, side by side; a terminal of 256
    // colours has few dark ones.
    let least: Double = ground == .terminal ? 8 : 9
    for (index, a) in Self.paints.enumerated() {
      for b in Self.paints[..<index] {
        let distance = distance(seen(a), seen(b))
        #expect(distance >= least, "\(name): \(a.letter) \(b.letter)")
      }
      let contrast = distance(seen(a), lab(palette.background, matrix))
      #expect(contrast >= 12, "\(name): \(a.letter) on the ground")
    }
  }
}
