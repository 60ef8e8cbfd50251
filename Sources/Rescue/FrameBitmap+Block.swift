// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension FrameBitmap.Block {
  /// Sets or clears some bits.
  mutating func change(_ bits: Range<Int>, to isSet: Bool) {
    var bytes: [UInt8]
    switch self {
    case .none where !isSet, .all where isSet: return
    case _ where bits.count == 8 * FrameBitmap.blockSize:
      self = isSet ? .all : .none
      return
    case .none: bytes = [UInt8](repeating: 0, count: FrameBitmap.blockSize)
    case .all: bytes = [UInt8](repeating: 0xff, count: FrameBitmap.blockSize)
    case .some(let own): bytes = own
    }
    // Or the bytes would be copied: they must not have two owners.
    self = .none
    var bit = bits.lowerBound
    while bit < bits.upperBound {
      let (byte, first) = (bit / 8, bit % 8)
      let count = min(8 - first, bits.upperBound - bit)
      let mask = UInt8(truncatingIfNeeded: (1 << count) - 1) << UInt8(first)
      bytes[byte] = isSet ? bytes[byte] | mask : bytes[byte] & ~mask
      bit += count
    }
    self = .some(bytes)
  }

  /// Clears all bits that are clear in `other`, or, inverted, set in it.
  mutating func formIntersection(_ other: Self, inverted: Bool) {
    switch (self, other) {
    case (.none, _): return
    case (_, .none):
      if !inverted { self = .none }
    case (_, .all):
      if inverted { self = .none }
    case (.all, .some(let bytes)):
      self = inverted ? .some(bytes.map { ~$0 }) : other
    case (.some(var bytes), .some(let mask)):
      self = .none
      for index in 0..<min(bytes.count, mask.count) {
        bytes[index] &= inverted ? ~mask[index] : mask[index]
      }
      self = .some(bytes)
    }
  }

  /// How many of some bits are set, of which the first is bit 0 of a byte.
  func population(of bits: Range<Int>) -> Int {
    switch self {
    case .none: return 0
    case .all: return bits.count
    case .some(let bytes):
      var sum = 0
      let end = bits.upperBound / 8
      for index in bits.lowerBound / 8..<end {
        sum += bytes[index].nonzeroBitCount
      }
      guard bits.upperBound % 8 > 0 else { return sum }
      let mask = UInt8(1) << UInt8(bits.upperBound % 8) &- 1
      return sum + (bytes[end] & mask).nonzeroBitCount
    }
  }

  /// The first bit at or after `first` that is set, or clear.
  func next(_ first: Int, isSet: Bool) -> Int? {
    switch self {
    case .none: return isSet ? nil : first
    case .all: return isSet ? first : nil
    case .some(let bytes):
      let skipped: UInt8 = isSet ? 0 : 0xff
      var bit = first
      while bit < 8 * bytes.count {
        let byte = bytes[bit / 8]
        if bit % 8 == 0, byte == skipped {
          bit += 8
          continue
        }
        if (byte >> UInt8(bit % 8) & 1 == 1) == isSet { return bit }
        bit += 1
      }
      return nil
    }
  }
}
