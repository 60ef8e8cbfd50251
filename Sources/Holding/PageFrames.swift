// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

/// Where pages of this process lie in physical memory.
enum PageFrames {
  private static let map: Path = "/proc/self/pagemap"

  /// The frames of a mapping's pages, in their order; nil where the kernel does
  /// not say, or a page is not there.
  ///
  /// Documentation/admin-guide/mm/pagemap.rst: 64 bits a page, of which bit 63
  /// says that it is there and the lowest 55 are its frame.
  static func runs(of mapping: borrowing Mapping) -> [FrameRange]? {
    guard let file = try? Descriptor(map, .read) else { return nil }
    let count = mapping.byteCount / Frame.size
    var entries = [UInt8](repeating: 0, count: 8 * count)
    var span = entries.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    let offset = UInt64(mapping.address) / UInt64(Frame.size) * 8
    guard file.fill(&raw, at: offset) else { return nil }
    var runs = [FrameRange]()
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(entries.span.bytes)
    for page in 0..<count {
      guard let entry = try? reader.u64(at: 8 * page), entry >> 63 == 1,
        entry << 9 != 0
      else { return nil }
      let frame = FrameNumber(entry & (1 << 55 - 1))
      if let last = runs.last, last.end == frame {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(FrameRange(start: frame, count: 1))
      }
    }
    return runs
  }
}
