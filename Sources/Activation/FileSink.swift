// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BootImage
internal import Linux

/// An archive's entries as files below this process's root, as the kernel's
/// own unpacking makes them (init/initramfs.c).
public struct FileSink: ArchiveSink, ~Copyable {
  let root: Path
  var file: Descriptor?
  var path: Path = ""
  var mtime: UInt32 = 0

  /// Entries go to this process's root: change that first.
  public init() { self.init(below: "/") }

  /// Entries go to a folder; only safe where no entry is a link out of it.
  init(below root: Path) {
    self.root = root
    file = nil
  }

  /// A folder, which may be there already.
  public mutating func directory(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError) {
    let path = place(of: path)
    try FileSink.sinking { () throws(Errno) in
      try FileSink.clear(path, unless: .directory)
      do throws(Errno) {
        try Files.makeDirectory(path, mode: attributes.permissions)
      } catch  where error == .exists {}
      try FileSink.apply(attributes, to: path)
    }
  }

  /// A regular file begins.
  public mutating func beginFile(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes,
    size: UInt64
  ) throws(SinkError) {
    let path = place(of: path)
    self.path = path
    mtime = attributes.mtime
    do throws(Errno) {
      try FileSink.clear(path, unless: .file)
      file = try Descriptor(path, .create(mode: attributes.permissions))
      try FileSink.apply(attributes, to: path)
    } catch { throw .failed(errno: error.code) }
  }

  /// The next bytes of the file.
  public mutating func data(_ bytes: Span<UInt8>) throws(SinkError) {
    do throws(Errno) {
      switch file {
      // SAFETY: bytes have no padding that could leak.
      case .some(let file): try file.write(unsafe bytes.bytes)
      case nil: throw .invalid
      }
    } catch { throw .failed(errno: error.code) }
  }

  /// The file has all its bytes.
  public mutating func endFile() throws(SinkError) {
    file = nil
    let (path, seconds) = (path, Int64(mtime))
    try FileSink.sinking { () throws(Errno) in
      try Files.setTimes(path, seconds: seconds)
    }
  }

  /// A symbolic link.
  public mutating func symlink(
    _ path: Span<UInt8>,
    to target: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError) {
    let (path, target) = (place(of: path), Path(target))
    try FileSink.sinking { () throws(Errno) in
      try FileSink.clear(path, unless: nil)
      try Files.makeSymbolicLink(path, to: target)
      try Files.setOwner(path, user: attributes.uid, group: attributes.gid)
      try Files.setTimes(path, seconds: Int64(attributes.mtime))
    }
  }

  /// A device node, a fifo or a socket.
  public mutating func node(
    _ path: Span<UInt8>,
    _ kind: NodeKind,
    major: UInt32,
    minor: UInt32,
    _ attributes: EntryAttributes
  ) throws(SinkError) {
    let path = place(of: path)
    try FileSink.sinking { () throws(Errno) in
      try FileSink.clear(path, unless: nil)
      try Files.makeNode(
        path,
        mode: kind.rawValue | attributes.permissions,
        major: major,
        minor: minor
      )
      try FileSink.apply(attributes, to: path)
      try Files.setTimes(path, seconds: Int64(attributes.mtime))
    }
  }

  /// A hard link to an entry that came before.
  public mutating func link(
    _ path: Span<UInt8>,
    to earlier: Span<UInt8>
  ) throws(SinkError) {
    let path = place(of: path)
    let earlier = place(of: earlier)
    try FileSink.sinking { () throws(Errno) in
      try FileSink.clear(path, unless: nil)
      try Files.makeHardLink(path, to: earlier)
    }
  }

  /// The entry's name below the root, wherever this process works.
  private func place(of path: Span<UInt8>) -> Path {
    root.appending(Path(path))
  }

  /// Removes what stands in an entry's place and is of another kind.
  private static func clear(
    _ path: Path,
    unless wanted: Files.Kind?
  ) throws(Errno) {
    let found = try Files.kind(of: path)
    if found == wanted { return }
    switch found {
    case .nothing: return
    case .directory: try Files.removeDirectory(path)
    case .file, .other: try Files.remove(path)
    }
  }

  private static func apply(
    _ attributes: EntryAttributes,
    to path: Path
  ) throws(Errno) {
    try Files.setOwner(path, user: attributes.uid, group: attributes.gid)
    // After the owner: changing that clears set-uid.
    try Files.setMode(path, attributes.permissions)
  }

  private static func sinking(
    _ body: () throws(Errno) -> Void
  ) throws(SinkError) {
    try attempt({ SinkError.failed(errno: $0.code) }, body)
  }
}
