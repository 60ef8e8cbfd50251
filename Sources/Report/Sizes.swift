// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Sizes for people. What is more than 64 bits of KiB or of bytes can say, which
// only a damaged record speaks of, is cut off there.

/// Frames as a size: 247.7 MiB; with a decimal in any case where sizes stand one
/// below the other.
public func sizeText(_ frames: UInt64, isAligned: Bool = false) -> String {
  let frames = min(frames, .max / 4)
  if frames < 256 { return "\(frames * 4) KiB" }
  // Of a unit of 2^shift frames, the rest rounded to tenths.
  func tenths(_ shift: UInt64) -> UInt64 {
    let rest = frames & (1 << shift - 1)
    return (frames >> shift) * 10 + (rest * 10 + 1 << (shift - 1)) >> shift
  }
  let isLarge = tenths(8) >= 102_400
  let (tenths, unit) = isLarge ? (tenths(18), " GiB") : (tenths(8), " MiB")
  return tenths % 10 == 0 && !isAligned
    ? "\(tenths / 10)" + unit : "\(tenths / 10).\(tenths % 10)" + unit
}

/// Bytes as a size: 247.7 MiB.
public func bytesText(_ bytes: UInt64) -> String {
  var (unit, size) = (0, Double(bytes))
  let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  while size >= 1024, unit < units.count - 1 {
    size /= 1024
    unit += 1
  }
  return "\(unit == 0 ? "\(bytes)" : decimal(size)) \(units[unit])"
}

extension UInt64 {
  /// So many of `unit` bytes or frames, cut off at what there is room for.
  public func saturating(times unit: UInt64) -> UInt64 {
    let (product, overflows) = multipliedReportingOverflow(by: unit)
    return overflows ? .max : product
  }

  /// The sum, cut off at what there is room for.
  public func saturating(plus other: UInt64) -> UInt64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}
