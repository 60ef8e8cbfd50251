// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The unit in which physical memory is found, lent and mapped: 4096 bytes.
public enum Frame {
  /// A frame's bytes.
  public static let size = 4096
  /// log2 of a frame's bytes.
  public static let shift: UInt64 = 12
}

/// The number of a frame: its physical address divided by 4096 (a PFN).
public struct FrameNumber: Equatable, Comparable, Sendable {
  /// The page frame number.
  public var value: UInt64

  /// Makes a frame number out of a PFN.
  @inlinable
  public init(_ value: UInt64) { self.value = value }

  /// The frame that `address` lies in.
  @inlinable
  public init(containing address: PhysicalAddress) {
    value = address.value >> Frame.shift
  }

  /// The address of the frame's first byte, or nil above 2^64.
  @inlinable
  public var address: PhysicalAddress? {
    value < 1 << (64 - Frame.shift)
      ? PhysicalAddress(value << Frame.shift) : nil
  }

  /// Orders frames by where they lie in memory.
  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// A run of frames that follow one another in physical memory.
public struct FrameRange: Equatable, Sendable {
  /// The first frame of the run.
  public var start: FrameNumber
  /// How many frames the run has.
  public var count: UInt64

  /// Makes the run of `count` frames from `start` on.
  ///
  /// A run that would pass the last frame of a 64-bit address space ends
  /// there, so that `end` never overflows.
  @inlinable
  public init(start: FrameNumber, count: UInt64) {
    self.start = start
    self.count = min(count, UInt64.max - start.value)
  }

  /// The frame after the last one of the run.
  @inlinable
  public var end: FrameNumber { FrameNumber(start.value + count) }

  /// Whether the run holds no frame.
  @inlinable
  public var isEmpty: Bool { count == 0 }

  /// Whether `frame` is one of the run's.
  @inlinable
  public func contains(_ frame: FrameNumber) -> Bool {
    frame >= start && frame < end
  }

  /// The frames of the run that lie below `limit`.
  @inlinable
  public func below(_ limit: FrameNumber) -> FrameRange {
    let room = limit > start ? limit.value - start.value : 0
    return FrameRange(start: start, count: min(count, room))
  }

  /// Whether the two runs share a frame.
  @inlinable
  public func overlaps(_ other: FrameRange) -> Bool {
    start < other.end && other.start < end && !isEmpty && !other.isEmpty
  }
}
