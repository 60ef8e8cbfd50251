// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Memory

/// A number of bytes as people write it: 4096, 512K, 100M, 2G, 1T.
struct ByteCount: ExpressibleByArgument {
  let bytes: UInt64

  init?(argument: String) {
    guard let bytes = ByteSize.parse(Array(argument.utf8).span), bytes > 0,
      bytes <= UInt64.max / 2
    else { return nil }
    self.bytes = bytes
  }
}
