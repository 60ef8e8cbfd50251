// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser

/// A number of bytes as people write it: 4096, 512K, 100M, 2G, 1T.
struct ByteCount: ExpressibleByArgument {
  let bytes: UInt64

  init?(argument: String) {
    let units: [Character: UInt64] = ["K": 10, "M": 20, "G": 30, "T": 40]
    var digits = argument[...]
    var shift: UInt64 = 0
    if let last = argument.uppercased().last, let unit = units[last] {
      shift = unit
      digits = digits.dropLast()
    }
    guard let number = UInt64(digits), number > 0,
      number <= UInt64.max >> (shift + 1)
    else { return nil }
    bytes = number << shift
  }
}
