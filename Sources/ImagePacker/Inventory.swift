// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage

/// A sink that unpacks nothing and knows afterwards what there was.
struct Inventory: ArchiveSink {
  private(set) var entryCount = 0
  private(set) var hasInit = false

  private mutating func note(_ path: Span<UInt8>) {
    entryCount += 1
    var name = (0..<(path.count - 1)).map { path[$0] }[...]
    while name.starts(with: [0x2e, 0x2f]) { name = name.dropFirst(2) }
    if name.elementsEqual("init".utf8) { hasInit = true }
  }

  mutating func directory(_ path: Span<UInt8>, _: EntryAttributes) {
    note(path)
  }

  mutating func beginFile(
    _ path: Span<UInt8>,
    _: EntryAttributes,
    size: UInt64
  ) { note(path) }

  mutating func data(_ bytes: Span<UInt8>) {}

  mutating func endFile() {}

  mutating func symlink(
    _ path: Span<UInt8>,
    to target: Span<UInt8>,
    _: EntryAttributes
  ) { note(path) }

  mutating func node(
    _ path: Span<UInt8>,
    _ kind: NodeKind,
    major: UInt32,
    minor: UInt32,
    _: EntryAttributes
  ) { note(path) }

  mutating func link(_ path: Span<UInt8>, to earlier: Span<UInt8>) {
    note(path)
  }
}
