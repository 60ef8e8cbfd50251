// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// A bit for each frame of a machine, as dumps have it.
///
/// Frame 8n + k is bit k of byte n. There are whole blocks of 4096 bytes, the
/// last one filled up by zeroes. Blocks whose bits are all alike take no memory:
/// a capture kernel has little, and most bitmaps of a dump are mostly empty.
public struct FrameBitmap: Sendable {
  /// The bits of 32768 frames.
  enum Block: Sendable {
    /// None is set.
    case none
    /// All are.
    case all
    /// Byte by byte, as the file has them.
    case some([UInt8])
  }

  /// The bytes of a block.
  public static let blockSize = 4096
  /// The frames of a block.
  static let blockFrames: UInt64 = 32768

  private(set) var blocks: [Block]
  /// How many frames there are.
  public let count: UInt64

  /// No bit of `count` frames is set.
  public init(count: UInt64) {
    self.count = count
    let number = (count + Self.blockFrames - 1) / Self.blockFrames
    blocks = Array(repeating: .none, count: Int(number))
  }

  /// How many blocks there are.
  public var blockCount: Int { blocks.count }

  /// The bytes of a block, as a dump has them.
  public func bytes(ofBlock index: Int) -> [UInt8] {
    switch blocks[index] {
    case .none: [UInt8](repeating: 0, count: Self.blockSize)
    case .all: [UInt8](repeating: 0xff, count: Self.blockSize)
    case .some(let bytes): bytes
    }
  }

  /// Whether the frame's bit is set; those that are not there have none.
  public func contains(_ frame: FrameNumber) -> Bool {
    guard frame.value < count else { return false }
    let place = Int(frame.value % Self.blockFrames)
    switch blocks[Int(frame.value / Self.blockFrames)] {
    case .none: return false
    case .all: return true
    case .some(let bytes):
      return bytes[place / 8] >> UInt8(place % 8) & 1 == 1
    }
  }

  /// Sets the bits of all `frames` that are there.
  public mutating func insert(_ frames: FrameRange) {
    change(frames, to: true)
  }

  /// Clears them.
  public mutating func remove(_ frames: FrameRange) {
    change(frames, to: false)
  }

  private mutating func change(_ frames: FrameRange, to isSet: Bool) {
    let end = min(frames.end.value, count)
    var frame = frames.start.value
    while frame < end {
      let index = Int(frame / Self.blockFrames)
      let first = Int(frame % Self.blockFrames)
      let last = Int(min(Self.blockFrames, UInt64(first) + (end - frame)))
      blocks[index].change(first..<last, to: isSet)
      frame += UInt64(last - first)
    }
  }

  /// Clears all bits that are not set in `other`, which is as long.
  public mutating func formIntersection(_ other: borrowing FrameBitmap) {
    for index in 0..<min(blocks.count, other.blocks.count) {
      blocks[index].formIntersection(other.blocks[index], inverted: false)
    }
  }

  /// Clears all bits that are set in `other`, which is as long.
  public mutating func subtract(_ other: borrowing FrameBitmap) {
    for index in 0..<min(blocks.count, other.blocks.count) {
      blocks[index].formIntersection(other.blocks[index], inverted: true)
    }
  }
}

extension FrameBitmap {
  /// How many bits are set.
  public var population: UInt64 {
    var sum: UInt64 = 0
    for block in blocks { sum += UInt64(block.population(of: 0..<32768)) }
    return sum
  }

  /// How many bits of `frames` are set.
  public func population(of frames: FrameRange) -> UInt64 {
    var sum: UInt64 = 0
    var rest = frames
    while let run = run(from: rest.start), run.start < rest.end {
      sum += run.below(rest.end).count
      guard run.end < rest.end else { break }
      rest = FrameRange(
        start: run.end,
        count: rest.end.value - run.end.value
      )
    }
    return sum
  }

  /// The first frames at or after `frame` whose bits are set, all that follow
  /// one another; nil where there are none.
  public func run(from frame: FrameNumber) -> FrameRange? {
    guard let start = next(frame.value, isSet: true) else { return nil }
    let end = next(start, isSet: false) ?? count
    return FrameRange(start: FrameNumber(start), count: end - start)
  }

  private func next(_ first: UInt64, isSet: Bool) -> UInt64? {
    var frame = first
    while frame < count {
      let index = Int(frame / Self.blockFrames)
      let start = UInt64(index) * Self.blockFrames
      if let place = blocks[index].next(Int(frame - start), isSet: isSet) {
        // A block may end behind the last frame.
        let found = start + UInt64(place)
        return found < count ? found : nil
      }
      frame = start + Self.blockFrames
    }
    return nil
  }
}
