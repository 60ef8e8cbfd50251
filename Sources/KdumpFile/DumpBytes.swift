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
  /// Whether the last piece is not there.
  let isCutShort: Bool
  /// Bytes of the file.
  let byteCount: UInt64
  private let path: String
  private let file: Int32
  private let pieces: [Piece]

  init(_ path: String) throws(KdumpError) {
    // SAFETY: the path is copied into a C string for the call.
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(path: path, errno: errno) }
    let end = Int(lseek(file, 0, SEEK_END))
    var pieces: [Piece] = []
    let head = Self.read(file, at: 0, count: 16) ?? []
    let isFlattened = head.starts(with: Array("makedumpfile".utf8) + [0])
    var isWhole = !isFlattened
    var offset = 4096
    while isFlattened, let words = Self.read(file, at: offset, count: 16) {
      let place = Self.bigEndian(words[..<8])
      let count = Self.bigEndian(words[8...])
      if place == -1, count == -1 {
        isWhole = true
        break
      }
      guard place >= 0, place < 1 << 60, count > 0, count <= end - offset - 16
      else { break }
      pieces.append(Piece(place: place, count: count, offset: offset + 16))
      offset += 16 + count
    }
    self.path = path
    self.file = file
    self.pieces = pieces
    self.isFlattened = isFlattened
    isCutShort = !isWhole
    byteCount = UInt64(max(0, end))
  }

  deinit { close(file) }

  /// Reads `count` bytes of the dump at `offset`.
  func read(at offset: Int, count: Int) throws(KdumpError) -> [UInt8] {
    guard isFlattened else {
      guard let bytes = Self.read(file, at: offset, count: count) else {
        throw .notKdump(path: path)
      }
      return bytes
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var end = 0
    for piece in pieces {
      end = max(end, piece.place + piece.count)
      let low = max(offset, piece.place)
      let high = min(offset + count, piece.place + piece.count)
      guard low < high else { continue }
      let place = piece.offset + (low - piece.place)
      guard let part = Self.read(file, at: place, count: high - low) else {
        throw .notKdump(path: path)
      }
      bytes.replaceSubrange(low - offset..<high - offset, with: part)
    }
    guard offset >= 0, offset + count <= end else {
      throw .notKdump(path: path)
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
