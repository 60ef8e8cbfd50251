// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a page is, and why it is not lent.
public struct Judgement: Equatable, Sendable {
  /// What it was used for.
  public let pageClass: PageClass
  /// The first reason not to lend it; nil where there is none.
  public let veto: Veto?

  /// Puts the two together.
  @inline(__always)
  public init(_ pageClass: PageClass, _ veto: Veto?) {
    self.pageClass = pageClass
    self.veto = veto
  }
}

/// How many frames there are of each class, by the veto that they have.
public struct Tally: Equatable, Sendable {
  private static let vetoes = Veto.allCases.count
  private var counts: [UInt64]

  /// Counts nothing yet.
  public init() {
    counts = Array(
      repeating: 0,
      count: PageClass.allCases.count * (Self.vetoes + 1)
    )
  }

  /// The frames of the class with that veto, or, for nil, without any.
  public subscript(pageClass: PageClass, veto: Veto?) -> UInt64 {
    counts[Self.place(pageClass, veto)]
  }

  /// The frames of the class.
  public subscript(pageClass: PageClass) -> UInt64 {
    let start = Int(pageClass.rawValue) * (Self.vetoes + 1)
    var sum: UInt64 = 0
    for count in counts[start...(start + Self.vetoes)] { sum &+= count }
    return sum
  }

  /// The frames with that veto, or without any, of all classes.
  public subscript(veto: Veto?) -> UInt64 {
    var sum: UInt64 = 0
    for pageClass in PageClass.allCases { sum &+= self[pageClass, veto] }
    return sum
  }

  /// All frames that were counted.
  public var total: UInt64 {
    var sum: UInt64 = 0
    for count in counts { sum &+= count }
    return sum
  }

  mutating func add(
    _ pageClass: PageClass,
    _ veto: Veto?,
    _ frames: UInt64
  ) {
    counts[Self.place(pageClass, veto)] &+= frames
  }

  private static func place(_ pageClass: PageClass, _ veto: Veto?) -> Int {
    Int(pageClass.rawValue) * (vetoes + 1)
      + (veto.map { Int($0.rawValue) } ?? vetoes)
  }
}
