// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

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
  public init?(in resources: MemoryResources, size: UInt64 = usualSize) {
    let best = resources.freeRAM.max { $0.count < $1.count }
    guard let best, size > 0, UInt64(best.count) >= size else { return nil }
    let middle = best.lowerBound + (UInt64(best.count) - size) / 2
    let aligned = middle / Self.alignment * Self.alignment
    start = aligned >= best.lowerBound ? aligned : middle / 4096 * 4096
    guard start >= best.lowerBound else { return nil }
    self.size = size
  }
}
