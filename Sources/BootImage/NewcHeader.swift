// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

// An entry of a newc cpio archive, as in the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst. Each field is
// eight hexadecimal digits.
//
//       0  6  magic: 070701, or 070702 with a sum
//       6  8  ino
//      14  8  mode: kind and permissions
//      22  8  uid
//      30  8  gid
//      38  8  nlink
//      46  8  mtime, seconds since 1970
//      54  8  size of the data
//      62  8  major } of the device that the file was on; with ino they say
//      70  8  minor } which entries are one file
//      78  8  major } of a device node
//      86  8  minor }
//      94  8  size of the name with its NUL
//     102  8  sum of the data's bytes (070702)
//     110     the name, NUL, padding to a multiple of four
//             the data, padding to a multiple of four
//
// The name TRAILER!!! ends an archive.

/// The numbers at the head of a newc entry.
package struct NewcHeader {
  package static let size = 110
  static let kindMask: UInt32 = 0o170000
  static let directory: UInt32 = 0o040000
  static let regular: UInt32 = 0o100000
  static let symlink: UInt32 = 0o120000
  package static let trailer: StaticString = "TRAILER!!!"

  var hasSum = false
  var ino: UInt32 = 0
  var mode: UInt32 = 0
  var uid: UInt32 = 0
  var gid: UInt32 = 0
  var nlink: UInt32 = 0
  var mtime: UInt32 = 0
  package var size: UInt32 = 0
  var deviceMajor: UInt32 = 0
  var deviceMinor: UInt32 = 0
  var major: UInt32 = 0
  var minor: UInt32 = 0
  package var nameSize: UInt32 = 0
  var sum: UInt32 = 0

  var kind: UInt32 { mode & Self.kindMask }

  /// How many bytes of padding follow `count` bytes.
  package static func padding(after count: UInt64) -> Int {
    Int((4 - count % 4) % 4)
  }

  init() {}

  /// Reads the 110 bytes of a header that began at `offset` in the stream.
  package init(
    _ bytes: Span<UInt8>,
    at offset: UInt64
  ) throws(ArchiveError) {
    guard bytes.count == Self.size else { throw .truncated(at: offset) }
    guard bytes[0] == 0x30, bytes[1] == 0x37, bytes[2] == 0x30,
      bytes[3] == 0x37, bytes[4] == 0x30, bytes[5] == 0x31 || bytes[5] == 0x32
    else { throw .notNewc(at: offset) }
    hasSum = bytes[5] == 0x32
    ino = try Self.field(0, of: bytes, at: offset)
    mode = try Self.field(1, of: bytes, at: offset)
    uid = try Self.field(2, of: bytes, at: offset)
    gid = try Self.field(3, of: bytes, at: offset)
    nlink = try Self.field(4, of: bytes, at: offset)
    mtime = try Self.field(5, of: bytes, at: offset)
    size = try Self.field(6, of: bytes, at: offset)
    deviceMajor = try Self.field(7, of: bytes, at: offset)
    deviceMinor = try Self.field(8, of: bytes, at: offset)
    major = try Self.field(9, of: bytes, at: offset)
    minor = try Self.field(10, of: bytes, at: offset)
    nameSize = try Self.field(11, of: bytes, at: offset)
    sum = try Self.field(12, of: bytes, at: offset)
  }

  private static func field(
    _ index: Int,
    of bytes: Span<UInt8>,
    at offset: UInt64
  ) throws(ArchiveError) -> UInt32 {
    let start = 6 + index * 8
    let digits = bytes.extracting(start..<(start + 8))
    guard let number = Hex.parse(digits) else {
      throw .badNumber(at: offset &+ UInt64(start))
    }
    return UInt32(truncatingIfNeeded: number)
  }

  /// Appends the 110 bytes.
  func append(to bytes: inout [UInt8]) {
    for digit in [0x30, 0x37, 0x30, 0x37, 0x30, hasSum ? 0x32 : 0x31] as [UInt8]
    {
      bytes.append(digit)
    }
    for number in [
      ino, mode, uid, gid, nlink, mtime, size, deviceMajor, deviceMinor, major,
      minor, nameSize, sum,
    ] {
      for shift: UInt32 in [28, 24, 20, 16, 12, 8, 4, 0] {
        let nibble = UInt8(number >> shift & 0xf)
        bytes.append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10)
      }
    }
  }
}
