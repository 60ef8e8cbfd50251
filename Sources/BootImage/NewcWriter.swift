// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Builds a newc archive in memory; equal entries make equal bytes.
///
/// Inode numbers count up from 1; only `links` makes hard links.
public struct NewcWriter {
  /// The archive so far, without its trailer.
  public private(set) var bytes = [UInt8]()
  private var ino: UInt32 = 0

  /// Starts an archive without entries.
  public init() {}

  /// Adds a folder; a file's folders must come before it.
  public mutating func directory(
    _ name: [UInt8],
    _ attributes: EntryAttributes = EntryAttributes(permissions: 0o755)
  ) {
    add(name, NewcHeader.directory, attributes, [])
  }

  /// Adds a regular file of less than 4 GiB.
  public mutating func file(
    _ name: [UInt8],
    _ attributes: EntryAttributes = EntryAttributes(permissions: 0o644),
    data: [UInt8]
  ) {
    add(name, NewcHeader.regular, attributes, data)
  }

  /// Adds a symbolic link.
  public mutating func symlink(
    _ name: [UInt8],
    to target: [UInt8],
    _ attributes: EntryAttributes = EntryAttributes(permissions: 0o777)
  ) {
    add(name, NewcHeader.symlink, attributes, target)
  }

  /// Adds a device node, a fifo or a socket.
  public mutating func node(
    _ name: [UInt8],
    _ kind: NodeKind,
    major: UInt32,
    minor: UInt32,
    _ attributes: EntryAttributes = EntryAttributes(permissions: 0o600)
  ) {
    add(name, kind.rawValue, attributes, [], major: major, minor: minor)
  }

  /// Adds one regular file under several names, its data with the last of
  /// them, as cpio(1) does.
  public mutating func links(
    _ names: [[UInt8]],
    _ attributes: EntryAttributes = EntryAttributes(permissions: 0o644),
    data: [UInt8]
  ) {
    ino &+= 1
    for (index, name) in names.enumerated() {
      var header = Self.header(NewcHeader.regular, attributes)
      header.ino = ino
      header.nlink = UInt32(truncatingIfNeeded: names.count)
      append(header, name, index == names.count - 1 ? data : [])
    }
  }

  /// Ends the archive, which another one may follow.
  public mutating func trailer() {
    var header = NewcHeader()
    header.nlink = 1
    var name = [UInt8]()
    NewcHeader.trailer.withUTF8Buffer { letters in
      for index in letters.indices { unsafe name.append(letters[index]) }
    }
    append(header, name, [])
  }

  private mutating func add(
    _ name: [UInt8],
    _ kind: UInt32,
    _ attributes: EntryAttributes,
    _ data: [UInt8],
    major: UInt32 = 0,
    minor: UInt32 = 0
  ) {
    ino &+= 1
    var header = Self.header(kind, attributes)
    header.ino = ino
    header.nlink = kind == NewcHeader.directory ? 2 : 1
    header.major = major
    header.minor = minor
    append(header, name, data)
  }

  private static func header(
    _ kind: UInt32,
    _ attributes: EntryAttributes
  ) -> NewcHeader {
    var header = NewcHeader()
    header.mode = kind | attributes.permissions & 0o7777
    header.uid = attributes.uid
    header.gid = attributes.gid
    header.mtime = attributes.mtime
    return header
  }

  private mutating func append(
    _ header: NewcHeader,
    _ name: [UInt8],
    _ data: [UInt8]
  ) {
    var header = header
    header.nameSize = UInt32(truncatingIfNeeded: name.count + 1)
    header.size = UInt32(truncatingIfNeeded: data.count)
    header.append(to: &bytes)
    bytes.append(contentsOf: name)
    bytes.append(0)
    pad()
    bytes.append(contentsOf: data)
    pad()
  }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }
}
