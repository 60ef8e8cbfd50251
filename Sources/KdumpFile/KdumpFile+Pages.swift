// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// Pages by their descriptions. Which page lies where follows from nothing else:
// frames of zeroes share one page, the first, and whoever writes in parallel, or
// what says most first, writes in another order. So of a file that ends early any
// description may be the one that leads nowhere.

extension KdumpFile {
  /// A page's description in the file, in bytes.
  private static let descriptionSize: UInt64 = 24
  /// Descriptions that are read at a time: 1.5 MiB.
  ///
  /// A dump of a machine of 64 GiB may have 16 million, 384 MiB.
  private static let chunk: UInt64 = 1 << 16

  /// What is wrong with the pages of which the descriptions are there; nil where
  /// each is in the file.
  static func fault(
    ofPages pages: UInt64,
    at descriptions: UInt64,
    _ file: borrowing DumpBytes
  ) -> Fault? {
    let length = pages * descriptionSize
    guard file.has(descriptions, count: length) else { return .cutShort }
    // Pages are behind all of that.
    let first = descriptions + length
    for start in stride(from: 0, to: pages, by: Int(chunk)) {
      let count = min(chunk, pages - start)
      guard
        let bytes = try? file.read(
          at: descriptions + start * descriptionSize,
          count: count * descriptionSize
        )
      else { return .cutShort }
      // SAFETY: bytes have no padding that could leak.
      let reader = unsafe ByteReader(bytes.span.bytes)
      for index in 0..<Int(count) {
        let at = index * Int(descriptionSize)
        guard let place = try? reader.u64(at: at),
          let size = try? reader.u32(at: at + 8)
        else { return .cutShort }
        guard place >= first, place < 1 << 60, (1...4096).contains(size) else {
          return .lacksPage
        }
        guard file.has(place, count: UInt64(size)) else { return .cutShort }
      }
    }
    return nil
  }

  /// The contents of `frame`; nil where they are not in the file, or are
  /// compressed.
  public func page(_ frame: FrameNumber) throws(KdumpError) -> [UInt8]? {
    guard dumps(frame) else { return nil }
    var rank = 0
    for byte in dumped[..<Int(frame.value / 8)] {
      rank += byte.nonzeroBitCount
    }
    let below = UInt8(truncatingIfNeeded: (1 << (frame.value % 8)) - 1)
    rank += (dumped[Int(frame.value / 8)] & below).nonzeroBitCount
    let file = try DumpBytes(path)
    let description = try file.read(
      at: descriptions + Self.descriptionSize * UInt64(rank),
      count: Self.descriptionSize
    )
    guard Self.number(description, at: 8, size: 4) == 4096,
      Self.number(description, at: 12, size: 4) == 0
    else { return nil }
    let place = Self.number(description, at: 0, size: 8)
    return try file.read(at: place, count: 4096)
  }
}
