// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What an archive is unpacked into: a file system, a list, or nothing.

/// What an archive says of an entry besides its name and content.
public struct EntryAttributes: Equatable, Sendable {
  /// The permission bits with set-uid, set-gid and sticky: `mode & 07777`.
  public var permissions: UInt32
  /// The owner's number.
  public var uid: UInt32
  /// The group's number.
  public var gid: UInt32
  /// When the content changed last, in seconds since 1970.
  public var mtime: UInt32

  /// Says who owns an entry, who may use it and when it changed.
  public init(
    permissions: UInt32,
    uid: UInt32 = 0,
    gid: UInt32 = 0,
    mtime: UInt32 = 0
  ) {
    self.permissions = permissions
    self.uid = uid
    self.gid = gid
    self.mtime = mtime
  }
}

/// The entries that mknod(2) makes.
public enum NodeKind: UInt32, Equatable, Sendable {
  /// S_IFIFO
  case fifo = 0o010000
  /// S_IFCHR
  case character = 0o020000
  /// S_IFBLK
  case block = 0o060000
  /// S_IFSOCK
  case socket = 0o140000
}

/// Why a sink could not take an entry.
public enum SinkError: Error, Equatable, Sendable {
  /// A system call failed with this errno.
  case failed(errno: Int32)
}

/// What takes an archive's entries in the order in which they come.
///
/// Every path is relative, has no `..`, is at most 4096 bytes long **with its
/// NUL, which is part of the span**, and may begin with `./` or be `.`. A path
/// may run through symbolic links that the archive made before: whoever
/// unpacks for real does so with its root where the archive's root is to be
/// (chroot), as the kernel does. An entry of the same kind as one that is
/// there already is opened and truncated, one of another kind replaces it
/// (clean_path in init/initramfs.c).
public protocol ArchiveSink: ~Copyable {
  /// A folder, which may be there already.
  mutating func directory(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError)

  /// A regular file of `size` bytes begins; a link made just before may have
  /// made the path already.
  mutating func beginFile(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes,
    size: UInt64
  ) throws(SinkError)

  /// The next bytes of the file that was begun; never empty.
  mutating func data(_ bytes: Span<UInt8>) throws(SinkError)

  /// The file that was begun has all its bytes: time to set its mtime.
  mutating func endFile() throws(SinkError)

  /// A symbolic link; `target` is not empty and ends with its NUL too.
  mutating func symlink(
    _ path: Span<UInt8>,
    to target: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError)

  /// A device node, a fifo or a socket.
  mutating func node(
    _ path: Span<UInt8>,
    _ kind: NodeKind,
    major: UInt32,
    minor: UInt32,
    _ attributes: EntryAttributes
  ) throws(SinkError)

  /// A hard link to an entry that came before.
  ///
  /// In newc the data may come with any of the links: `beginFile` for the same
  /// path follows where this one has some.
  mutating func link(
    _ path: Span<UInt8>,
    to earlier: Span<UInt8>
  ) throws(SinkError)
}
