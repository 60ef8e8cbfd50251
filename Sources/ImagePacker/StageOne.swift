// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage

/// The archive that the kernel unpacks, with the folders that its files need.
struct StageOne {
  private(set) var items = [PackReport.Item]()
  private var writer = NewcWriter()
  private var folders = Set<String>()

  /// Adds a file by its absolute path in the image.
  mutating func add(
    _ path: String,
    _ data: [UInt8],
    permissions: UInt32 = 0o644
  ) throws(PackError) {
    try makeRoom(for: path)
    items.append(PackReport.Item(path: path, size: data.count))
    writer.file(
      Array(path.utf8.dropFirst()),
      EntryAttributes(permissions: permissions),
      data: data
    )
  }

  /// Adds a symbolic link.
  mutating func add(_ path: String, linkTo target: String) throws(PackError) {
    try makeRoom(for: path)
    items.append(PackReport.Item(path: path, size: target.utf8.count))
    writer.symlink(Array(path.utf8.dropFirst()), to: Array(target.utf8))
  }

  /// Adds the folders that `path` needs.
  private mutating func makeRoom(for path: String) throws(PackError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 1, parts[0].isEmpty, path.utf8.count < 4096,
      !path.utf8.contains(0), !folders.contains(path),
      parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) }),
      !items.contains(where: { $0.path == path })
    else { throw .badImagePath(path) }
    for depth in 2..<max(2, parts.count) {
      let folder = parts[..<depth].joined(separator: "/")
      guard !items.contains(where: { $0.path == folder }) else {
        throw .badImagePath(path)
      }
      guard folders.insert(folder).inserted else { continue }
      writer.directory(Array(folder.utf8.dropFirst()))
    }
  }

  /// Adds modules, numbered in load order.
  mutating func add(
    _ modules: [ModuleFolder.Module],
    in folder: StaticString
  ) throws(PackError) {
    for (index, module) in modules.enumerated() {
      let number = (index < 10 ? "0" : "") + "\(index)"
      try add("\(folder)/\(number)-\(module.name).ko", module.data)
    }
  }

  /// Ends the archive, a multiple of 512 bytes long as cpio(1) makes it.
  mutating func finish() -> [UInt8] {
    writer.trailer()
    let bytes = writer.bytes
    let padding = (512 - bytes.count % 512) % 512
    return bytes + [UInt8](repeating: 0, count: padding)
  }
}
