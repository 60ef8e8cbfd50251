// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CXXHash

extension Frame {
  /// XXH3, 64 bits, seeded, of a frame's 4096 bytes.
  public static func hash(of bytes: RawSpan, seed: UInt64) -> UInt64 {
    precondition(bytes.byteCount == size)
    return unsafe bytes.withUnsafeBytes { bytes in
      // SAFETY: a frame's bytes, as checked; a span of any bytes has a start.
      unsafe oldmem_xxh3_frame(bytes.baseAddress, seed)
    }
  }
}
