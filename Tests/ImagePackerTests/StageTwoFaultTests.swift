// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Testing

/// Parts in memory, given out in pieces of at most `piece` bytes.
private struct Parts: PartSource {
  var parts: [[UInt8]]
  var piece = Int.max
  var failing: UInt32?
  private var rest: ArraySlice<UInt8> = []

  init(_ parts: [[UInt8]]) { self.parts = parts }

  mutating func open(_ part: UInt32) throws(PartError) {
    guard part < parts.count else { throw .missing }
    rest = parts[Int(part)][...]
  }

  mutating func read(
    into bytes: inout MutableSpan<UInt8>
  ) throws(PartError) -> Int {
    if failing != nil { throw .failed(errno: 5) }
    let count = min(rest.count, bytes.count, piece)
    for index in 0..<count { bytes[index] = rest[rest.startIndex + index] }
    rest = rest.dropFirst(count)
    return count
  }
}

/// Takes everything.
private struct Count: ArchiveSink {
  var files = 0
  mutating func directory(_: Span<UInt8>, _: EntryAttributes) {}
  mutating func beginFile(
    _: Span<UInt8>,
    _: EntryAttributes,
    size: UInt64
  ) { files += 1 }
  mutating func data(_: Span<UInt8>) {}
  mutating func endFile() {}
  mutating func symlink(
    _: Span<UInt8>,
    to _: Span<UInt8>,
    _: EntryAttributes
  ) {}
  mutating func node(
    _: Span<UInt8>,
    _: NodeKind,
    major: UInt32,
    minor: UInt32,
    _: EntryAttributes
  ) {}
  mutating func link(_: Span<UInt8>, to _: Span<UInt8>) {}
}

@Suite struct StageTwoFaultTests {
  /// What xz(1) packs, cut into parts of this size.
  private let manifest: Manifest
  private let parts: [[UInt8]]
  private static let size = 5000

  init() throws {
    let shop = try Workshop()
    var writer = NewcWriter()
    var state: UInt32 = 1
    for index in 0..<40 {
      let data = (0..<1500).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24) & 0x3f
      }
      writer.file(Array("file\(index)".utf8), data: data)
    }
    writer.trailer()
    let archive = writer.bytes
    try shop.write("archive", archive)
    try shop.bash("xz --format=lzma --lzma1=dict=1MiB < archive > packed")
    let packed = try shop.read("packed")
    let size = Self.size
    parts = stride(from: 0, to: packed.count, by: size).map {
      Array(packed[$0..<min($0 + size, packed.count)])
    }
    manifest = try Manifest(
      partSize: UInt32(size),
      packedSize: UInt64(packed.count),
      unpackedSize: UInt64(archive.count),
      unpackedChecksum: Checksum.of(archive.span),
      partChecksums: parts.map { Checksum.of($0.span) }
    )
  }

  private func unpack(_ parts: Parts) throws(StageTwoError) -> Int {
    var parts = parts
    var sink = Count()
    let entries = try StageTwo.unpack(manifest, from: &parts, to: &sink)
    #expect(entries == sink.files)
    return sink.files
  }

  @Test(arguments: [1, 7, 4999, Int.max])
  func readsItInPiecesOfAnySize(piece: Int) throws {
    var source = Parts(parts)
    source.piece = piece
    #expect(try unpack(source) == 40)
  }

  @Test func missingShortLongAndSurplusPartsAreNamed() {
    let last = UInt32(parts.count - 1)
    #expect(throws: StageTwoError.part(last, .missing)) {
      try unpack(Parts(Array(parts.dropLast())))
    }
    #expect(throws: StageTwoError.surplusPart(last + 1)) {
      try unpack(Parts(parts + [[1]]))
    }
    var short = parts
    short[1].removeLast()
    #expect(throws: StageTwoError.shortPart(1, at: UInt64(Self.size - 1))) {
      try unpack(Parts(short))
    }
    var long = parts
    long[1].append(0)
    #expect(throws: StageTwoError.longPart(1, at: UInt64(Self.size))) {
      try unpack(Parts(long))
    }
    var failing = Parts(parts)
    failing.failing = 0
    #expect(throws: StageTwoError.part(0, .failed(errno: 5))) {
      try unpack(failing)
    }
  }

  @Test func swappedPartsAreNotTaken() {
    var swapped = parts
    swapped.swapAt(1, 2)
    #expect(throws: StageTwoError.self) { try unpack(Parts(swapped)) }
  }

  @Test func aDamagedByteAnywhereIsNoticed() {
    for part in parts.indices {
      for place in stride(from: 0, to: parts[part].count, by: 97) {
        var damaged = parts
        damaged[part][place] ^= 1
        #expect(throws: StageTwoError.self) { try unpack(Parts(damaged)) }
      }
    }
  }

  @Test func aPartOfRandomBytesNeverTraps() {
    for seed in 0..<50 as Range<UInt8> {
      var state = UInt32(seed)
      var damaged = parts
      damaged[Int(seed) % parts.count] = (0..<Self.size).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
      }
      #expect(throws: StageTwoError.self) { try unpack(Parts(damaged)) }
    }
  }
}
