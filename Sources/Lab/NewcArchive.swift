// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// An initramfs in the making: a cpio archive in the newc format.
///
///     "070701" | 13 fields of 8 hexadecimal digits | name, NUL | pad to 4
///              | content | pad to 4
///
/// The fields are inode, mode, owner, group, links, modification time, size
/// of the content, device (major, minor), device of a node (major, minor),
/// size of the name with its NUL, checksum (zero here). An entry named
/// `TRAILER!!!` ends the archive. Source: Linux
/// Documentation/driver-api/early-userspace/buffer-format.rst.
public struct NewcArchive: Sendable {
  /// What has been written so far, without the trailer.
  private var entries: [UInt8] = []
  private var folders: Set<String> = []
  private var inode: UInt32 = 0

  /// An archive without entries.
  public init() {}

  /// Adds a folder and those above it, once.
  public mutating func add(folder path: String) {
    guard !path.isEmpty, folders.insert(path).inserted else { return }
    add(folder: Self.parent(of: path))
    append(path, mode: 0o040_755)
  }

  /// Adds a file, and the folders that lead to it.
  public mutating func add(
    file path: String,
    executable: Bool = false,
    content: [UInt8]
  ) {
    add(folder: Self.parent(of: path))
    append(path, mode: executable ? 0o100_755 : 0o100_644, content: content)
  }

  /// Adds a symbolic link, and the folders that lead to it.
  public mutating func add(link path: String, to target: String) {
    add(folder: Self.parent(of: path))
    append(path, mode: 0o120_777, content: Array(target.utf8))
  }

  /// Adds a character device, such as /dev/console.
  public mutating func add(
    characterDevice path: String,
    major: UInt32,
    minor: UInt32
  ) {
    add(folder: Self.parent(of: path))
    append(path, mode: 0o020_600, node: (major, minor))
  }

  /// The archive as the kernel takes it, trailer included, a multiple of 512
  /// bytes long.
  public var bytes: [UInt8] {
    var whole = self
    whole.append("TRAILER!!!", mode: 0)
    whole.pad(to: 512)
    return whole.entries
  }

  private mutating func append(
    _ path: String,
    mode: UInt32,
    content: [UInt8] = [],
    node: (major: UInt32, minor: UInt32) = (0, 0)
  ) {
    inode += 1
    let fields = [
      inode, mode, 0, 0, 1, 0, UInt32(content.count), 0, 0, node.major,
      node.minor, UInt32(path.utf8.count + 1), 0,
    ]
    entries += Array("070701".utf8)
    for field in fields {
      let digits = String(field, radix: 16)
      entries += Array(repeating: 0x30, count: 8 - digits.utf8.count)
      entries += Array(digits.utf8)
    }
    entries += Array(path.utf8) + [0]
    pad(to: 4)
    entries += content
    pad(to: 4)
  }

  private mutating func pad(to multiple: Int) {
    let rest = entries.count % multiple
    guard rest != 0 else { return }
    entries += Array(repeating: 0, count: multiple - rest)
  }

  private static func parent(of path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }
}
