// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What lab/guest/hashframes.c writes: the content of each frame as a hash.
///
///     frame number, 8 bytes | hash, 8 bytes     both little-endian
///     ...
///     all ones, 16 bytes                         the end
public struct FrameHashes: Sendable {
  /// The list has no end: the guest stopped in the middle of it.
  public struct Unfinished: Error, CustomStringConvertible, Equatable {
    /// How many frames there were until then.
    public let frames: Int

    /// A sentence for people.
    public var description: String {
      "the list of frame hashes breaks off after \(frames) frames"
    }
  }

  /// Hash by frame number.
  public let hashes: [UInt64: UInt64]

  /// Reads a list; what follows its end is ignored.
  public init(_ bytes: [UInt8]) throws(Unfinished) {
    var hashes: [UInt64: UInt64] = [:]
    hashes.reserveCapacity(bytes.count / 16)
    var at = 0
    while at + 16 <= bytes.count {
      let frame = Self.word(bytes, at)
      let hash = Self.word(bytes, at + 8)
      if frame == .max, hash == .max {
        self.hashes = hashes
        return
      }
      hashes[frame] = hash
      at += 16
    }
    throw Unfinished(frames: hashes.count)
  }

  /// The frames of both lists whose content differs, in order.
  public func differences(from other: Self) -> [UInt64] {
    hashes.compactMap { frame, hash in
      guard let old = other.hashes[frame], old != hash else { return nil }
      return frame
    }
    .sorted()
  }

  private static func word(_ bytes: [UInt8], _ at: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in (0..<8).reversed() {
      word = word << 8 | UInt64(bytes[at + index])
    }
    return word
  }
}
