// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage

// Walks an initrd as unpack_to_rootfs() in the kernel's init/initramfs.c does:
// uncompressed archives and compressed ones in any order, zeros between them.

/// Unpacks an initrd into one stream of archives.
struct InitrdReader: ~Copyable {
  private let file: String
  private let bytes: [UInt8]
  private var reader = NewcReader()
  private(set) var inventory = Inventory()
  private var output = [UInt8](repeating: 0, count: 1 << 20)

  /// Reads the `bytes` of `file`, whose name is for messages.
  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// Whether the last archive lacks its trailer, which the kernel forgives.
  var lacksTrailer: Bool { reader.isArchiveOpen }

  /// Hands the unpacked stream to `take` in pieces, each with the offset in
  /// the file that has been reached.
  mutating func unpack(
    _ take: (Span<UInt8>, Int) throws(PackError) -> Void
  ) throws(PackError) {
    var position = 0
    while position < bytes.count {
      guard bytes[position] != 0 else {
        position += 1
        continue
      }
      if bytes[position] == 0x30, position % 4 == 0 {
        position += try readArchive(at: position, take)
      } else {
        position += try decompress(at: position, take)
      }
      try align(at: position, take)
    }
    guard inventory.entryCount > 0 else { throw .emptyInitrd(file: file) }
    guard inventory.hasInit else { throw .noInit(file: file) }
  }

  /// Reads uncompressed archives; returns their size in the file.
  private mutating func readArchive(
    at start: Int,
    _ take: (Span<UInt8>, Int) throws(PackError) -> Void
  ) throws(PackError) -> Int {
    let bytes = bytes
    let span = bytes.span
    var position = start
    while position < span.count {
      let end = min(position + output.count, span.count)
      let piece = span.extracting(position..<end)
      let count = try feed(piece, segment: start)
      try take(piece.extracting(0..<count), position + count)
      position += count
      if count < piece.count { break }
    }
    try finish(segment: start)
    return position - start
  }

  /// Unpacks one compressed segment; returns its size in the file.
  private mutating func decompress(
    at start: Int,
    _ take: (Span<UInt8>, Int) throws(PackError) -> Void
  ) throws(PackError) -> Int {
    guard let format = Compression(bytes[start...]) else {
      if bytes[start...].starts(with: [0x89, 0x4c, 0x5a, 0x4f]) {
        throw .unsupported(file: file, at: start, format: "lzop")
      }
      throw .notInitrd(file: file, at: start)
    }
    let bytes = bytes
    var position = start
    do {
      var decoder = try Codec(decoding: format)
      var buffer = output
      var ended = false
      while !ended {
        let rest = bytes.span.extracting(position..<bytes.count)
        let step: Codec.Step
        do throws(Codec.Corrupt) {
          step = try decoder.run(rest, into: &buffer)
        } catch {
          throw PackError.corrupt(file: file, segment: start, at: position)
        }
        guard step.taken > 0 || step.given > 0 || step.ended else {
          throw PackError.cutShort(file: file, segment: start)
        }
        position += step.taken
        ended = step.ended
        let piece = buffer.span.extracting(0..<step.given)
        guard try feed(piece, segment: start) == piece.count else {
          let error = ArchiveError.junk(at: reader.offset)
          throw PackError.archive(file: file, segment: start, error)
        }
        try take(piece, position)
      }
    } catch let error as PackError {
      throw error
    } catch {
      throw .encoder
    }
    try finish(segment: start)
    return position - start
  }

  /// Archives of the stream begin at multiples of four, whatever the segments
  /// were that they came in.
  private mutating func align(
    at position: Int,
    _ take: (Span<UInt8>, Int) throws(PackError) -> Void
  ) throws(PackError) {
    let zeros = [UInt8](repeating: 0, count: Int((4 - reader.offset % 4) % 4))
    _ = try feed(zeros.span, segment: position)
    try take(zeros.span, position)
  }

  private mutating func feed(
    _ piece: Span<UInt8>,
    segment: Int
  ) throws(PackError) -> Int {
    do throws(ArchiveError) {
      return try reader.feed(piece, to: &inventory)
    } catch {
      throw .archive(file: file, segment: segment, error)
    }
  }

  private func finish(segment: Int) throws(PackError) {
    do throws(ArchiveError) { try reader.finish() } catch {
      throw .archive(file: file, segment: segment, error)
    }
  }
}
