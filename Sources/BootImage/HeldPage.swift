// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

// A page of the running system's that holds a piece of a packed stage two, so
// that it can be told from all others when that system has crashed. Numbers are
// little-endian.
//
//      0     8   magic: OLDMEMHP
//      8     8   id: which holding this is, at random
//     16     4   index: which page of it
//     20     4   n, bytes of content, at most 4064
//     24     8   XXH64 of the key (8), of the bytes 0 to 23, and of the content
//     32     n   content
//
// The checksum finds pages among those that only look like one. It is no proof:
// that is the digest of each part, in stage one.

/// How pages of held memory are made and known.
public struct HeldPage: Equatable, Sendable {
  /// Bytes of content in a page.
  public static let room = 4096 - headerSize
  static let headerSize = 32
  /// The bytes that show already that a page is none.
  static let markSize = 16
  // The letters OLDMEMHP as a little-endian number.
  private static let magic: UInt64 = 0x5048_4d45_4d44_4c4f

  /// Which holding the pages belong to.
  public let id: UInt64
  /// What their checksums begin with.
  public let key: UInt64

  /// Pages of one holding.
  public init(id: UInt64, key: UInt64) {
    self.id = id
    self.key = key
  }

  /// Makes page `index` of `content`, of which there are `room` bytes at most.
  ///
  /// - Parameter page: 4096 bytes.
  public func write(
    _ content: Span<UInt8>,
    index: UInt32,
    to page: inout MutableSpan<UInt8>
  ) {
    for place in 0..<4096 {
      let at = place - Self.headerSize
      page[place] = at >= 0 && at < content.count ? content[at] : 0
    }
    page.store(Self.magic, at: 0)
    page.store(id, at: 8)
    page.store(index, at: 16)
    page.store(UInt32(content.count), at: 20)
    page.store(checksum(of: page.span, count: content.count), at: 24)
  }

  /// Whether a page can be one of these, by its first bytes.
  func marks(_ page: Span<UInt8>) -> Bool {
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(page.bytes)
    return (try? reader.u64(at: 0)) == Self.magic
      && (try? reader.u64(at: 8)) == id
  }

  /// Which page this is, and how much content it has; nil where it is none of
  /// these, or damaged.
  func read(_ page: Span<UInt8>) -> (index: UInt32, count: Int)? {
    guard page.count == 4096, marks(page) else { return nil }
    // SAFETY: bytes have no padding between them that could be read.
    let reader = unsafe ByteReader(page.bytes)
    guard let index = try? reader.u32(at: 16),
      let count = try? reader.u32(at: 20), count <= UInt32(Self.room),
      (try? reader.u64(at: 24)) == checksum(of: page, count: Int(count))
    else { return nil }
    return (index, Int(count))
  }

  private func checksum(of page: Span<UInt8>, count: Int) -> UInt64 {
    var word = InlineArray<8, UInt8>(repeating: 0)
    var span = word.mutableSpan
    span.store(key, at: 0)
    var checksum = Checksum()
    checksum.update(word.span)
    checksum.update(page.extracting(0..<24))
    let start = Self.headerSize
    checksum.update(page.extracting(start..<start + count))
    return checksum.value
  }
}
