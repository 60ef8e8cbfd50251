// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Files and folders by name.
public enum Files {
  /// What a name stands for.
  public enum Kind: Sendable {
    /// Nothing has this name.
    case nothing
    /// A regular file.
    case file
    /// A folder.
    case directory
    /// A link, a device or the like.
    case other
  }

  /// What `path` stands for, links not followed.
  ///
  /// The corresponding C function is `lstat`.
  public static func kind(of path: Path) throws(Errno) -> Kind {
    switch try checked(unsafe path.withCString { unsafe om_kind_of($0) }) {
    case 0: .nothing
    case 1: .file
    case 2: .directory
    default: .other
    }
  }

  /// Whether `path` is there, whatever it is.
  public static func exists(_ path: Path) -> Bool {
    switch try? kind(of: path) {
    case .nothing, nil: false
    case .file, .directory, .other: true
    }
  }

  /// Whether both names lie on the same file system.
  public static func onSameDevice(_ a: Path, _ b: Path) throws(Errno) -> Bool {
    let result = unsafe a.withCString { first in
      unsafe b.withCString { unsafe om_same_device(first, $0) }
    }
    return try checked(result) == 1
  }

  /// Whether both names are of one file, links not followed; false where one
  /// of them is of none.
  public static func areSame(_ a: Path, _ b: Path) -> Bool {
    let result = unsafe a.withCString { first in
      unsafe b.withCString { unsafe om_same_file(first, $0) }
    }
    return result == 1
  }

  /// What a link says, up to 255 bytes of it; nobody is asked whether it is there.
  ///
  /// The corresponding C function is `readlink`.
  public static func target(of link: Path) throws(Errno) -> Path {
    var name = InlineArray<256, UInt8>(repeating: 0)
    var span = name.mutableSpan
    let count = unsafe link.withCString { link in
      unsafe span.withUnsafeMutableBytes { buffer in
        // SAFETY: the kernel writes no more than one byte less than there is.
        unsafe om_read_link(
          link,
          buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
          buffer.count - 1
        )
      }
    }
    return Path(name.span.extracting(first: Int(try checked(count))))
  }

  /// Makes a folder.
  ///
  /// The corresponding C function is `mkdir`.
  public static func makeDirectory(
    _ path: Path,
    mode: UInt32 = 0o755
  ) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_mkdir($0, mode) })
  }

  /// Removes a name.
  ///
  /// The corresponding C function is `unlink`.
  public static func remove(_ path: Path) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_unlink($0) })
  }

  /// Removes a name from an open folder.
  ///
  /// The corresponding C function is `unlinkat`.
  public static func remove(
    _ name: Path,
    in folder: borrowing Descriptor
  ) throws(Errno) {
    let place = folder.number
    try succeed(unsafe name.withCString { unsafe om_unlink_in(place, $0) })
  }

  /// Removes an empty folder.
  ///
  /// The corresponding C function is `rmdir`.
  public static func removeDirectory(_ path: Path) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_rmdir($0) })
  }

  /// Makes a symbolic link.
  ///
  /// The corresponding C function is `symlink`.
  public static func makeSymbolicLink(
    _ path: Path,
    to target: Path
  ) throws(Errno) {
    let result = unsafe target.withCString { target in
      unsafe path.withCString { unsafe om_symlink(target, $0) }
    }
    try succeed(result)
  }

  /// Makes a second name.
  ///
  /// The corresponding C function is `link`.
  public static func makeHardLink(
    _ path: Path,
    to existing: Path
  ) throws(Errno) {
    let result = unsafe existing.withCString { existing in
      unsafe path.withCString { unsafe om_link(existing, $0) }
    }
    try succeed(result)
  }

  /// Gives a file another name, which it takes from whatever has it.
  ///
  /// The corresponding C function is `rename`.
  public static func rename(_ old: Path, to path: Path) throws(Errno) {
    let result = unsafe old.withCString { old in
      unsafe path.withCString { unsafe om_rename(old, $0) }
    }
    try succeed(result)
  }

  /// Makes a device, a fifo or a socket, as the file type in `mode` says.
  ///
  /// The corresponding C function is `mknod`.
  public static func makeNode(
    _ path: Path,
    mode: UInt32,
    major: UInt32,
    minor: UInt32
  ) throws(Errno) {
    try succeed(
      unsafe path.withCString { unsafe om_mknod($0, mode, major, minor) }
    )
  }

  /// Sets the owner, links not followed.
  ///
  /// The C function is `lchown`.
  public static func setOwner(
    _ path: Path,
    user: UInt32,
    group: UInt32
  ) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_own($0, user, group) })
  }

  /// Sets the permission bits.
  ///
  /// The corresponding C function is `chmod`.
  public static func setMode(_ path: Path, _ mode: UInt32) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_chmod($0, mode) })
  }

  /// Sets both times, in seconds since 1970.
  ///
  /// The C function is `utimensat`.
  public static func setTimes(_ path: Path, seconds: Int64) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_set_times($0, seconds) })
  }

  /// Writes a text to a file that is there: a knob of the kernel's.
  ///
  /// The corresponding C functions are `open` and `write`.
  public static func write(_ text: Line, to path: Path) throws(Errno) {
    let file = try Descriptor(path, .write)
    try file.write(text.raw)
  }

  /// Reads the first `limit` bytes of a file, or all of a shorter one.
  public static func read(
    _ path: Path,
    limit: Int
  ) throws(Errno) -> [UInt8] {
    let file = try Descriptor(path, .read)
    var bytes = [UInt8](repeating: 0, count: limit)
    var used = 0
    while used < limit {
      var span = bytes.mutableSpan
      // SAFETY: bytes have no padding that could leak.
      var raw = unsafe span.mutableBytes
      var rest = raw._mutatingExtracting(droppingFirst: used)
      let got = try file.read(into: &rest)
      if got == 0 { break }
      used += got
    }
    bytes.removeLast(limit - used)
    return bytes
  }

  /// Calls `visit` with each entry of a folder but `.` and `..`.
  ///
  /// The corresponding system call is `getdents64`.
  public static func forEachEntry<E: Error>(
    of folder: Path,
    _ visit: (Path) throws(E) -> Void
  ) throws(E) {
    guard let file = try? Descriptor(folder, .read) else { return }
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let got = unsafe room.withUnsafeMutableBytes { buffer in
        // SAFETY: the kernel writes at most `count` bytes.
        unsafe om_getdents(file.number, buffer.baseAddress, buffer.count)
      }
      guard got > 0 else { return }
      // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, then the name.
      var entry = 0
      while entry + 19 < got {
        let length = Int(room[entry + 16]) | Int(room[entry + 17]) << 8
        guard length > 19, entry + length <= got else { return }
        let name = Path(room.span.extracting(entry + 19..<entry + length))
        if !name.equals(".") && !name.equals("..") { try visit(name) }
        entry += length
      }
    }
  }
}
