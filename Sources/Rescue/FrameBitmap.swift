// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// A bit for each frame of a machine, as dumps have it.
///
/// Frame 8n + k is bit k of byte n. There are whole blocks of 4096 bytes, the
/// last one filled up by zeroes.
public struct FrameBitmap: Sendable {
  /// The bits.
  public private(set) var bytes: [UInt8]
  /// How many frames there are.
  public let count: UInt64

  /// No bit of `count` frames is set.
  public init(count: UInt64) {
    self.count = count
    let blocks = (count + 32767) / 32768
    bytes = [UInt8](repeating: 0, count: Int(blocks) * 4096)
  }

  /// Whether the frame's bit is set; those that are not there have none.
  @inlinable
  public func contains(_ frame: FrameNumber) -> Bool {
    frame.value < count
      && bytes[Int(frame.value / 8)] >> UInt8(frame.value % 8) & 1 == 1
  }

  /// Sets the bits of all `frames` that are there.
  public mutating func insert(_ frames: FrameRange) {
    change(frames) { $0 | $1 }
  }

  /// Clears them.
  public mutating func remove(_ frames: FrameRange) {
    change(frames) { $0 & ~$1 }
  }

  /// Clears all bits that are not set in `other`, which is as long.
  public mutating func formIntersection(_ other: borrowing FrameBitmap) {
    for index in 0..<min(bytes.count, other.bytes.count) {
      bytes[index] &= other.bytes[index]
    }
  }

  /// Clears all bits that are set in `other`, which is as long.
  public mutating func subtract(_ other: borrowing FrameBitmap) {
    for index in 0..<min(bytes.count, other.bytes.count) {
      bytes[index] &= ~other.bytes[index]
    }
  }

  private mutating func change(
    _ frames: FrameRange,
    _ body: (UInt8, UInt8) -> UInt8
  ) {
    let end = min(frames.end.value, count)
    var frame = frames.start.value
    while frame < end {
      let (byte, bit) = (Int(frame / 8), frame % 8)
      let bits = min(8 - bit, end - frame)
      let mask = UInt8(truncatingIfNeeded: (1 << bits) - 1 as UInt64) << bit
      bytes[byte] = body(bytes[byte], mask)
      frame += bits
    }
  }

  /// How many bits are set.
  public var population: UInt64 {
    var sum: UInt64 = 0
    for byte in bytes { sum += UInt64(byte.nonzeroBitCount) }
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
    let skipped: UInt8 = isSet ? 0 : 0xff
    var frame = first
    while frame < count {
      let byte = bytes[Int(frame / 8)]
      if frame % 8 == 0, byte == skipped {
        frame += 8
        continue
      }
      if (byte >> UInt8(frame % 8) & 1 == 1) == isSet { return frame }
      frame += 1
    }
    return nil
  }
}
