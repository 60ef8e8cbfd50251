// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A colour of the screen.
public struct Color: Hashable, Sendable {
  /// From 0 to 255 each.
  public let red, green, blue: UInt8

  /// Takes 0xRRGGBB.
  public init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  /// As CSS writes it.
  public var css: String {
    let number = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
    let digits = String(number, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// `part` of this one and the rest of `other`.
  func mixed(with other: Color, keeping part: Double) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt32 {
      UInt32((Double(a) * part + Double(b) * (1 - part)).rounded())
    }
    return Color(
      mix(red, other.red) << 16 | mix(green, other.green) << 8
        | mix(blue, other.blue)
    )
  }
}

/// What is painted in which colour.
///
/// The hues are those of Okabe and Ito, moved until all pairs are apart for
/// eyes without one of the three kinds of cones too (the tests say how far).
/// What is kept of a kind that may be lent is muted: nearer to the ground.
public struct Palette: Sendable {
  /// The page or the terminal behind the picture.
  public let background: Color
  /// The colour of a paint.
  private let colors: [Color]

  /// On a light ground.
  public static let light = Palette(
    background: Color(0xffffff),
    shelves: [0xc31175, 0x5910a6, 0xe0559f, 0x2b1066],
    kinds: [
      .free: 0x11a775, .cache: 0x56c0f8, .dirtyCache: 0x3778ba,
      .privateCache: 0x00346b, .anonymous: 0xda9100, .hugetlb: 0xddd142,
      .slab: 0x906a53, .kernel: 0x5d5e6b, .reserved: 0x303037,
      .offline: 0xc2d1dd, .hardwarePoison: 0xdf0502, .unaccepted: 0x99a3af,
    ],
    kept: 0.55
  )

  /// On a dark ground.
  public static let dark = Palette(
    background: Color(0x14171a),
    shelves: [0xf157ac, 0xb285ff, 0xffa8d8, 0x8250e0],
    kinds: [
      .free: 0x31c895, .cache: 0x8dc1ed, .dirtyCache: 0x4a8dd3,
      .privateCache: 0x1f57a8, .anonymous: 0xfcb010, .hugetlb: 0xf6ea6b,
      .slab: 0xa07e6e, .kernel: 0x6e8490, .reserved: 0x3f4147,
      .offline: 0xd9d7db, .hardwarePoison: 0xff4e30, .unaccepted: 0xb3b7c0,
    ],
    kept: 0.43
  )

  private init(
    background: Color,
    shelves: [UInt32],
    kinds: [PageKind: UInt32],
    kept: Double
  ) {
    self.background = background
    colors = Paint.all.map { paint in
      if let shelf = paint.shelf { return Color(shelves[shelf - 1]) }
      guard let kind = paint.kind, let hex = kinds[kind] else {
        return background
      }
      let color = Color(hex)
      return paint.mayBeLent || !kind.isLendable
        ? color : color.mixed(with: background, keeping: kept)
    }
  }

  /// The paint on terminals of 256 colours, as a number of xterm's table.
  ///
  /// Near to those for the dark; the nearest ones of all would be the same
  /// grey for several paints.
  static func terminalColor(_ paint: Paint) -> Int {
    if let shelf = paint.shelf { return [205, 141, 218, 99][shelf - 1] }
    let isStrong = paint.mayBeLent
    return switch paint.kind {
    case .free: isStrong ? 43 : 65
    case .cache: isStrong ? 153 : 240
    case .dirtyCache: isStrong ? 32 : 60
    case .privateCache: isStrong ? 25 : 236
    case .anonymous: isStrong ? 214 : 94
    case .hugetlb: isStrong ? 228 : 144
    case .slab: 138
    case .kernel: 243
    case .reserved: 238
    case .offline: 253
    case .hardwarePoison: 160
    case .unaccepted: 146
    case nil: 16
    }
  }

  /// The colour of a paint.
  public subscript(paint: Paint) -> Color { colors[paint.index] }
}
