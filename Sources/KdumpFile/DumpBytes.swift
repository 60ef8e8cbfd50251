// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc

/// The bytes of a dump, put back in their places where it is flattened.
///
/// That is what makedumpfile -F does for a pipe, as kdump-tools has it:
///
///     0      "makedumpfile", zeroes to 16; type and version, 8 bytes each
///     4096   a piece: its place in the dump 8, its size 8, both big-endian,
///            then its bytes; other pieces follow
///     end    a piece whose place and size are -1
///
/// A piece takes the place of what earlier ones had there. The format is that of
/// makedumpfile.h, struct makedumpfile_header and makedumpfile_data_header.
struct DumpBytes: ~Copyable {
  private struct Piece {
    let place: Int
    let count: Int
    /// Where its bytes are in the file.
    let offset: Int
  }

  let isFlattened: Bool
  /// What is wrong with the pieces; nil where nothing is.
  let fault: KdumpFile.Fault?
  /// Bytes of the file.
  let byteCount: UInt64
  private let path: String
  private let file: Int32
  private let pieces: [Piece]
  /// Bytes of the dump, once it is put together.
  private let end: Int

  init(_ path: String) throws(KdumpError) {
    // SAFETY: the path is copied into a C string for the call.
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(path: path, errno: errno) }
    let size = max(0, Int(lseek(file, 0, SEEK_END)))
    var pieces: [Piece] = []
    let head = Self.read(file, at: 0, count: 16) ?? []
    let isFlattened = head.starts(with: Array("makedumpfile".utf8) + [0])
    var fault: KdumpFile.Fault? = isFlattened ? .cutShort : nil
    var end = isFlattened ? 0 : size
    var offset = 4096
    while isFlattened, let words = Self.read(file, at: offset, count: 16) {
      let place = Self.bigEndian(words[..<8])
      let count = Self.bigEndian(words[8...])
      if place == -1, count == -1 {
        fault = nil
        break
      }
      guard place >= 0, place < 1 << 60, count > 0, count <= size - offset - 16
      else { break }
      guard pieces.count < Self.mostPieces(of: size) else {
        fault = .tooManyPieces
        break
      }
      pieces.append(Piece(place: place, count: count, offset: offset + 16))
      end = max(end, place + count)
      offset += 16 + count
    }
    self.path = path
    self.file = file
    self.pieces = pieces
    self.end = end
    self.isFlattened = isFlattened
    self.fault = fault
    byteCount = UInt64(size)
  }

  deinit { close(file) }

  /// More than makedumpfile writes, and few enough to be kept: its pieces are
  /// of 64 KiB (`prepare_cache_data`), but for the last ones of each cycle.
  private static func mostPieces(of size: Int) -> Int {
    16384 + size / 16384
  }

  /// Whether the dump is long enough to have `count` bytes at `place`.
  func has(_ place: UInt64, count: UInt64) -> Bool {
    place <= UInt64(end) && count <= UInt64(end) - place
  }

  /// Reads `count` bytes of the dump at `offset`.
  ///
  /// No memory is taken for bytes that are not there: a header may speak of as
  /// many as it likes.
  func read(at offset: UInt64, count: UInt64) throws(KdumpError) -> [UInt8] {
    // All bytes are in the file, so it is no shorter than any part of them.
    guard has(offset, count: count), count <= byteCount else {
      throw .notKdump(path: path)
    }
    let (offset, count) = (Int(offset), Int(count))
    guard isFlattened else {
      guard let bytes = Self.read(file, at: offset, count: count) else {
        throw .notKdump(path: path)
      }
      return bytes
    }
    var bytes = [UInt8](repeating: 0, count: count)
    for piece in pieces {
      let low = max(offset, piece.place)
      let high = min(offset + count, piece.place + piece.count)
      guard low < high else { continue }
      let place = piece.offset + (low - piece.place)
      guard let part = Self.read(file, at: place, count: high - low) else {
        throw .notKdump(path: path)
      }
      bytes.replaceSubrange(low - offset..<high - offset, with: part)
    }
    return bytes
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(bitPattern: bytes.reduce(0 as UInt) { $0 << 8 | UInt($1) })
  }

  /// All of so many bytes; nil where the file has fewer.
  private static func read(
    _ file: Int32,
    at offset: Int,
    count: Int
  ) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      // SAFETY: pread writes at most what is left of the array.
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          file,
          buffer.baseAddress?.advanced(by: done),
          count - done,
          off_t(offset + done)
        )
      }
      guard got > 0 else { return nil }
      done += got
    }
    return bytes
  }
}
