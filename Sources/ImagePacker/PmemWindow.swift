// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// /proc/iomem has a line `START-END : NAME` for each range, in hexadecimal, two
// blanks before those that lie in another.

/// A stretch of this machine's memory that the capture kernel may show as pmem:
/// `memmap=SIZE!START` on its command line.
public struct PmemWindow: Equatable, Sendable {
  /// The first byte.
  public let start: UInt64
  /// How many bytes.
  public let size: UInt64

  /// Two copies of 256 MiB, and a quarter for what will be in use.
  public static let usualSize: UInt64 = 640 << 20
  /// Memory's sections, so that no struct pages are made for nothing.
  private static let alignment: UInt64 = 128 << 20

  /// What the capture kernel's command line gains.
  public var argument: String {
    "memmap=\(size >> 20)M!0x" + String(start, radix: 16)
  }

  /// The middle of the largest stretch of RAM that holds neither the kernel nor
  /// a reservation; nil where none is large enough.
  ///
  /// - Parameter iomem: /proc/iomem, as root sees it.
  public init?(in iomem: String, size: UInt64 = usualSize) {
    var best: Range<UInt64>?
    for piece in Self.pieces(iomem) where piece.count > best?.count ?? 0 {
      best = piece
    }
    guard let best, size > 0, UInt64(best.count) >= size else { return nil }
    let middle = best.lowerBound + (UInt64(best.count) - size) / 2
    let aligned = middle / Self.alignment * Self.alignment
    start = aligned >= best.lowerBound ? aligned : middle / 4096 * 4096
    guard start >= best.lowerBound else { return nil }
    self.size = size
  }

  /// RAM without what lies in it.
  private static func pieces(_ iomem: String) -> [Range<UInt64>] {
    var pieces: [Range<UInt64>] = []
    var isRAM = false
    for line in iomem.split(separator: "\n") {
      guard let range = range(of: line) else { continue }
      if !line.hasPrefix(" ") {
        isRAM = line.hasSuffix(": System RAM")
        if isRAM { pieces.append(range) }
      } else if isRAM, let last = pieces.popLast() {
        // What is listed in it comes in order.
        let cut = range.clamped(to: last)
        pieces.append(last.lowerBound..<cut.lowerBound)
        pieces.append(cut.upperBound..<last.upperBound)
      }
    }
    return pieces
  }

  private static func range(of line: Substring) -> Range<UInt64>? {
    let words = line.split(separator: " ", maxSplits: 1)
    guard let numbers = words.first?.split(separator: "-"), numbers.count == 2,
      let first = UInt64(numbers[0], radix: 16),
      let last = UInt64(numbers[1], radix: 16), first <= last, last < .max
    else { return nil }
    return first..<last + 1
  }
}
