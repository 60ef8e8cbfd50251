// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Where frames lie in a picture: as in memory, but long holes are short.
///
/// A hole is shortened by whole multiples of `alignment`, so that what is
/// aligned in memory is so in the picture, up to that size.
public struct AddressFold: Sendable {
  /// Where the picture goes on with which frame.
  public struct Stretch: Equatable, Sendable {
    /// The first frame.
    public let frame: UInt64
    /// The place of it.
    public let position: UInt64
  }

  /// A power of two; holes of fewer frames than four times this stay.
  public let alignment: UInt64
  /// In order of address, the first at position 0.
  public let stretches: [Stretch]
  /// How many positions there are.
  public let positions: UInt64

  /// Folds the holes between `spans`, which are in order of address.
  public init(_ spans: [FrameRange]) {
    let memory = spans.reduce(0) { $0 + $1.count }
    var alignment: UInt64 = 1
    while alignment < memory / 64 { alignment *= 2 }
    self.alignment = alignment
    var stretches = [Stretch(frame: 0, position: 0)]
    var end: UInt64 = 0
    var removed: UInt64 = 0
    for span in spans {
      let hole = span.start.value - min(span.start.value, end)
      if hole >= 4 * alignment {
        removed += (hole / alignment - 2) * alignment
        // The hole's second half belongs to what comes behind it.
        let frame = span.start.value & ~(alignment - 1)
        stretches.append(Stretch(frame: frame, position: frame - removed))
      }
      end = span.end.value
    }
    self.stretches = stretches
    positions = max(1, end - removed)
  }

  /// The place of a frame; of one in a part of a hole that is left out, that
  /// of what comes next.
  public func position(of frame: UInt64) -> UInt64 {
    let index = last { $0.frame <= frame }
    let position = stretches[index].position + frame - stretches[index].frame
    return index + 1 < stretches.count
      ? min(position, stretches[index + 1].position) : position
  }

  /// The frame at a place.
  public func frame(at position: UInt64) -> UInt64 {
    let stretch = stretches[last { $0.position <= position }]
    return stretch.frame + position - stretch.position
  }

  /// The last stretch of those that come first and of which that is true; the
  /// first of all begins with 0.
  private func last(_ isReached: (Stretch) -> Bool) -> Int {
    var low = 0
    var high = stretches.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if isReached(stretches[middle]) { low = middle } else { high = middle }
    }
    return low
  }
}
