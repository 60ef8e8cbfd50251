// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Linux

/// Takes the parts of stage two out of an image, and nothing else.
struct PartCollector: ArchiveSink, ~Copyable {
  /// The parts so far.
  var parts = [[UInt8]]()
  /// Whether the parts come in order, as `oldmem pack` writes them.
  private(set) var isOrdered = true
  private var isPart = false

  mutating func beginFile(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes,
    size: UInt64
  ) throws(SinkError) {
    guard let wanted = ImageLayout.partPath(UInt32(parts.count)) else {
      isOrdered = false
      return
    }
    // The archive's names have no '/' before them; both end with their NUL.
    isPart = path.count == wanted.count - 1
    for index in path.indices where isPart {
      isPart = path[index] == wanted[index + 1]
    }
    if isPart {
      parts.append([])
      parts[parts.count - 1].reserveCapacity(
        Int(min(size, UInt64(ImageLayout.partSize)))
      )
    } else if isBesideParts(path) {
      isOrdered = false
    }
  }

  mutating func data(_ bytes: Span<UInt8>) throws(SinkError) {
    guard isPart else { return }
    let last = parts.count - 1
    guard parts[last].count + bytes.count <= ImageLayout.partSize else {
      isOrdered = false
      return
    }
    for index in bytes.indices { parts[last].append(bytes[index]) }
  }

  mutating func endFile() throws(SinkError) { isPart = false }

  /// Whether a file that is not the next part lies where parts do; the manifest
  /// does.
  private func isBesideParts(_ path: Span<UInt8>) -> Bool {
    let path = Path(path)
    return path.hasPrefix("oldmem/stage2/")
      && !path.equals("oldmem/stage2/manifest")
  }

  mutating func directory(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError) {}

  mutating func symlink(
    _ path: Span<UInt8>,
    to target: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError) {}

  mutating func node(
    _ path: Span<UInt8>,
    _ kind: NodeKind,
    major: UInt32,
    minor: UInt32,
    _ attributes: EntryAttributes
  ) throws(SinkError) {}

  mutating func link(
    _ path: Span<UInt8>,
    to earlier: Span<UInt8>
  ) throws(SinkError) {}
}
