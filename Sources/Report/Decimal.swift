// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A number rounded to `places` decimals, 1 or 2, without zeroes at its end; one
/// that has no such digits is cut off at 10^15.
public func decimal(_ value: Double, places: Int = 1) -> String {
  guard !value.isNaN else { return "0" }
  var scale = places == 1 ? 10 : 100
  var digits = Int((min(max(value, -1e15), 1e15) * Double(scale)).rounded())
  while scale > 1, digits % 10 == 0 {
    digits /= 10
    scale /= 10
  }
  let sign = digits < 0 ? "-" : ""
  let (whole, rest) = digits.magnitude.quotientAndRemainder(
    dividingBy: UInt(scale)
  )
  guard scale > 1 else { return "\(sign)\(whole)" }
  return "\(sign)\(whole)." + (scale == 100 && rest < 10 ? "0" : "") + "\(rest)"
}
