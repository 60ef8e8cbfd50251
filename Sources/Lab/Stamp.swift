// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Blocks of 4096 bytes that say what they are and where they belong.
///
///     word i of block b, 8 bytes, little-endian:
///     bits 48-63: what it is | bits 16-47: b | bits 0-15: i
///
/// Guests make and read them too: lab/guest/stamps.h.
public enum Stamp: UInt64, Sendable {
  /// What the slow disk holds at first.
  case onDisk = 0x4453
  /// What a buffer holds before the disk's content arrives.
  case inBuffer = 0x4246
  /// What is being written to the disk.
  case beingWritten = 0x5752

  /// A block's size in bytes.
  public static let blockSize = 4096
  /// A disk's unit in bytes: no less is ever written.
  public static let sectorSize = 512

  /// The bytes of a block.
  public func bytes(block: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.blockSize)
    for index in 0..<UInt64(Self.blockSize / 8) {
      let word = rawValue << 48 | block << 16 | index
      for byte in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: word >> (byte * 8)))
      }
    }
    return bytes
  }
}

/// What a sector of a disk holds.
public enum SectorContent: Sendable, Equatable {
  /// The stamp that belongs there.
  case stamp(Stamp)
  /// Words as lab/guest/hog.c and stray.c make them, each from the one
  /// before: what was in the capture kernel's memory, or swapped out.
  case hog
  /// Only zeroes.
  case zero
  /// Anything else.
  case other

  /// Looks at the 512 bytes of `bytes` that are sector `sector` of a disk.
  public init(_ bytes: ArraySlice<UInt8>, sector: Int) {
    let words = Self.words(bytes)
    let perBlock = Stamp.blockSize / Stamp.sectorSize
    let block = UInt64(sector / perBlock)
    let first = UInt64(sector % perBlock * words.count)
    if let stamp = words.first.flatMap({ Stamp(rawValue: $0 >> 48) }),
      words.indices.allSatisfy({
        words[$0] == stamp.rawValue << 48 | block << 16 | first + UInt64($0)
      })
    {
      self = .stamp(stamp)
    } else if words.allSatisfy({ $0 == 0 }) {
      self = .zero
    } else if zip(words, words.dropFirst()).allSatisfy({
      Self.following($0) == $1
    }) {
      self = .hog
    } else {
      self = .other
    }
  }

  private static func following(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word << 13
    word ^= word >> 7
    return word ^ word << 17
  }

  private static func words(_ bytes: ArraySlice<UInt8>) -> [UInt64] {
    stride(from: bytes.startIndex, to: bytes.endIndex - 7, by: 8).map { at in
      (0..<8).reversed().reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
    }
  }
}
