// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// The first page of a swap area, as mkswap(8) writes it.
///
///     0     1024 bytes for a boot loader, zero here
///     1024  u32 version, 1
///     1028  u32 number of the last page
///     1032  u32 how many bad pages, 0
///     1036  16 bytes UUID
///     1052  16 bytes label
///     4086  "SWAPSPACE2"
///
/// The kernel's `union swap_header` (include/linux/swap.h).
public enum SwapHeader {
  /// The header of an area of `pages` pages of 4096 bytes, at least 10 (what
  /// the kernel takes), whose UUID is made of `seed`.
  public static func page(pages: UInt32, seed: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Frame.size)
    var span = bytes.mutableSpan
    span.store(UInt32(1), at: 1024)
    span.store(max(pages, 10) - 1, at: 1028)
    span.store(seed, at: 1036)
    span.store(seed &* 0x9e37_79b9_7f4a_7c15, at: 1044)
    // RFC 9562: version 4, variant 10.
    span[1042] = span[1042] & 0x0f | 0x40
    span[1044] = span[1044] & 0x3f | 0x80
    put("oldmem", at: 1052, into: &span)
    put("SWAPSPACE2", at: 4086, into: &span)
    return bytes
  }

  private static func put(
    _ text: StaticString,
    at offset: Int,
    into bytes: inout MutableSpan<UInt8>
  ) {
    for index in 0..<text.utf8CodeUnitCount {
      bytes[offset + index] = text.withUTF8Buffer { unsafe $0[index] }
    }
  }
}
