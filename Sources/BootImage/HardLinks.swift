// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The entries of an archive that may get further names, with the first one.
///
/// Bounded, because an archive may claim that each of its entries has links:
/// 65,536 of them, and 4 MiB of names.
struct HardLinks {
  static let limit = 1 << 16
  static let nameLimit = 4 << 20

  private struct Link {
    let ino: UInt32
    let major: UInt32
    let minor: UInt32
    let kind: UInt32
    let name: Range<Int>
    /// The index of the next one in the bucket, or -1.
    let next: Int
  }

  private var links = [Link]()
  private(set) var names = [UInt8]()
  private var buckets = [Int](repeating: -1, count: 256)

  /// Where in `names` the first name of the file stands that `header` is
  /// another name of, or nil when it is the first.
  func find(_ header: borrowing NewcHeader) -> Range<Int>? {
    var index = buckets[Self.bucket(header)]
    while index >= 0 {
      let link = links[index]
      if link.ino == header.ino, link.major == header.deviceMajor,
        link.minor == header.deviceMinor, link.kind == header.kind
      {
        return link.name
      }
      index = link.next
    }
    return nil
  }

  /// Remembers the first name of a file, which is the beginning of `name`;
  /// false when the table is full.
  mutating func insert(
    _ header: borrowing NewcHeader,
    name: [UInt8],
    _ nameCount: Int
  ) -> Bool {
    guard links.count < Self.limit,
      names.count + nameCount <= Self.nameLimit
    else { return false }
    let start = names.count
    names.append(contentsOf: name[..<nameCount])
    let bucket = Self.bucket(header)
    links.append(
      Link(
        ino: header.ino,
        major: header.deviceMajor,
        minor: header.deviceMinor,
        kind: header.kind,
        name: start..<names.count,
        next: buckets[bucket]
      )
    )
    buckets[bucket] = links.count - 1
    return true
  }

  /// Forgets everything: an archive has ended, and numbers mean new files.
  mutating func removeAll() {
    links.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    for index in buckets.indices { buckets[index] = -1 }
  }

  private static func bucket(_ header: borrowing NewcHeader) -> Int {
    let sum = header.ino &+ header.deviceMinor &+ header.deviceMajor &* 31
    return Int((sum ^ sum >> 8) & 0xff)
  }
}
