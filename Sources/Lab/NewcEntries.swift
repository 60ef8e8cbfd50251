// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The files of an uncompressed cpio archive in the newc format, for
/// scenarios that damage one of them; NewcArchive draws the format.
public struct NewcEntries: Sendable {
  /// A file as the archive has it.
  public struct Entry: Sendable, Equatable {
    /// Its path, without a leading slash.
    public let path: String
    /// Its bytes.
    public let content: [UInt8]
  }

  /// The entries up to the trailer, or up to what is no entry.
  public let entries: [Entry]

  /// Reads an archive; it ends where the format is left.
  public init(_ bytes: [UInt8]) {
    var entries: [Entry] = []
    var at = 0
    while let entry = Self.entry(bytes, &at), entry.path != "TRAILER!!!" {
      entries.append(entry)
    }
    self.entries = entries
  }

  private static func entry(_ bytes: [UInt8], _ at: inout Int) -> Entry? {
    guard at + 110 <= bytes.count,
      bytes[at..<at + 6].elementsEqual("070701".utf8),
      let size = field(6, bytes, at), let name = field(11, bytes, at), name > 0
    else { return nil }
    let content = padded(at + 110 + name)
    guard content + size <= bytes.count else { return nil }
    let path = bytes[at + 110..<at + 110 + name - 1]
    at = padded(content + size)
    return Entry(
      path: String(decoding: path, as: UTF8.self),
      content: Array(bytes[content..<content + size])
    )
  }

  private static func field(_ index: Int, _ bytes: [UInt8], _ at: Int) -> Int? {
    let start = at + 6 + index * 8
    let digits = String(decoding: bytes[start..<start + 8], as: UTF8.self)
    return Int(digits, radix: 16)
  }

  private static func padded(_ offset: Int) -> Int { (offset + 3) & ~3 }
}
