// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage

/// A sink that writes down what it gets, one line for each entry.
struct Listing: ArchiveSink {
  var lines = [String]()
  /// Refuses the entry with this number, counted from 0.
  var refused: Int
  private var content = [UInt8]()
  private var expected: UInt64 = 0

  init(refused: Int = -1) { self.refused = refused }

  /// The path without its NUL, which must be there and be the only one.
  private func text(_ path: Span<UInt8>) -> String {
    let bytes = path.indices.map { path[$0] }
    precondition(bytes.last == 0 && !bytes.dropLast().contains(0))
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  private func say(_ attributes: EntryAttributes) -> String {
    let mode = String(attributes.permissions, radix: 8)
    return "\(mode) \(attributes.uid):\(attributes.gid) @\(attributes.mtime)"
  }

  private mutating func add(_ line: String) throws(SinkError) {
    if lines.count == refused { throw .failed(errno: 28) }
    lines.append(line)
  }

  mutating func directory(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError) {
    try add("directory \(text(path)) \(say(attributes))")
  }

  mutating func beginFile(
    _ path: Span<UInt8>,
    _ attributes: EntryAttributes,
    size: UInt64
  ) throws(SinkError) {
    try add("file \(text(path)) \(say(attributes)) ")
    content = []
    expected = size
  }

  mutating func data(_ bytes: Span<UInt8>) {
    precondition(!bytes.isEmpty)
    for index in bytes.indices { content.append(bytes[index]) }
  }

  mutating func endFile() {
    precondition(content.count == Int(expected))
    let hash = Checksum.of(content.span)
    lines[lines.count - 1] += "\(content.count) \(hash)"
  }

  mutating func symlink(
    _ path: Span<UInt8>,
    to target: Span<UInt8>,
    _ attributes: EntryAttributes
  ) throws(SinkError) {
    try add("symlink \(text(path)) \(text(target)) \(say(attributes))")
  }

  mutating func node(
    _ path: Span<UInt8>,
    _ kind: NodeKind,
    major: UInt32,
    minor: UInt32,
    _ attributes: EntryAttributes
  ) throws(SinkError) {
    try add("\(kind) \(text(path)) \(major),\(minor) \(say(attributes))")
  }

  mutating func link(
    _ path: Span<UInt8>,
    to earlier: Span<UInt8>
  ) throws(SinkError) {
    try add("link \(text(path)) \(text(earlier))")
  }
}

/// XXH64 of all of `bytes`.
func checksum(_ bytes: [UInt8]) -> UInt64 { Checksum.of(bytes.span) }

/// Reads an archive in pieces of the sizes that `next` gives.
func list(
  _ archive: [UInt8],
  limit: UInt64 = .max,
  pieces next: () -> Int = { .max }
) throws(ArchiveError) -> [String] {
  var reader = NewcReader(limit: limit)
  var listing = Listing()
  var index = 0
  while index < archive.count {
    let count = min(next(), archive.count - index)
    let piece = archive.span.extracting(index..<(index + count))
    guard try reader.feed(piece, to: &listing) == count else {
      throw .junk(at: reader.offset)
    }
    index += count
  }
  try reader.finish()
  return listing.lines
}

/// A small generator with a seed (splitmix64), so that a failure comes again.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// An archive of random entries, and what a reader must make of it.
func randomArchive(
  _ random: inout Seeded
) -> (bytes: [UInt8], lines: [String]) {
  var writer = NewcWriter()
  var lines = [String]()
  for index in 0..<Int.random(in: 0...12, using: &random) {
    let length = Int.random(in: 1...200, using: &random)
    let name = String(repeating: "n", count: length) + "\(index)"
    let attributes = EntryAttributes(
      permissions: .random(in: 0...0o7777, using: &random),
      uid: .random(in: 0...UInt32.max, using: &random),
      gid: .random(in: 0...9, using: &random),
      mtime: .random(in: 0...UInt32.max, using: &random)
    )
    let size = Int.random(in: 0...1, using: &random) == 0 ? 0 : length * 9
    let data = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
    let mode = String(attributes.permissions, radix: 8)
    let said =
      "\(mode) \(attributes.uid):\(attributes.gid) @\(attributes.mtime)"
    let bytes = Array(name.utf8)
    let sum = "\(data.count) \(checksum(data))"
    switch Int.random(in: 0...4, using: &random) {
    case 0:
      writer.directory(bytes, attributes)
      lines.append("directory \(name) \(said)")
    case 1:
      writer.file(bytes, attributes, data: data)
      lines.append("file \(name) \(said) \(sum)")
    case 2:
      writer.symlink(bytes, to: bytes, attributes)
      lines.append("symlink \(name) \(name) \(said)")
    case 3:
      writer.node(bytes, .block, major: 259, minor: 70_000, attributes)
      lines.append("block \(name) 259,70000 \(said)")
    default:
      let other = "other\(index)"
      writer.links([bytes, Array(other.utf8)], attributes, data: data)
      lines.append("file \(name) \(said) 0 \(checksum([]))")
      lines.append("link \(other) \(name)")
      if size > 0 { lines.append("file \(other) \(said) \(sum)") }
    }
  }
  writer.trailer()
  return (writer.bytes, lines)
}
