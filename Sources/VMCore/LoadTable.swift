// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// A piece of physical memory that the file has.
public struct LoadSegment: Equatable, Sendable {
  /// The piece's first byte in physical memory.
  public let physical: PhysicalAddress
  /// Its length in bytes, never 0.
  public let byteCount: UInt64
  /// Its first byte in the file.
  public let fileOffset: UInt64

  /// The first address after the piece.
  public var end: PhysicalAddress {
    PhysicalAddress(physical.value + byteCount)
  }

  /// What is left of the piece from `address` on.
  func dropping(before address: PhysicalAddress) -> LoadSegment? {
    guard address < end else { return nil }
    guard address > physical else { return self }
    let skipped = address.value - physical.value
    return LoadSegment(
      physical: address,
      byteCount: byteCount - skipped,
      fileOffset: fileOffset + skipped
    )
  }
}

/// The PT_LOADs in order of physical address, no two of them overlapping.
///
/// PT_LOADs do overlap: the kernel's text is listed once as text and once as
/// part of the direct map. Both show the same memory, so which one is read
/// does not matter as long as it is always the same: the one that begins
/// first, and of two that begin together the longer one.
public struct LoadTable: Sendable {
  /// The pieces, in order.
  public let segments: [LoadSegment]
  /// The whole frames of those pieces that have any.
  private let runs: [FrameRange]

  init(_ unordered: consuming [LoadSegment]) {
    unordered.sort { a, b in
      a.physical == b.physical
        ? a.byteCount == b.byteCount
          ? a.fileOffset < b.fileOffset : a.byteCount > b.byteCount
        : a.physical < b.physical
    }
    var kept = 0
    var end = PhysicalAddress(0)
    for index in unordered.indices {
      guard let rest = unordered[index].dropping(before: end) else { continue }
      unordered[kept] = rest
      kept += 1
      end = rest.end
    }
    unordered.removeLast(unordered.count - kept)
    segments = unordered
    runs = segments.map { $0.frames }.filter { !$0.isEmpty }
  }

  /// How many bytes of physical memory the file has.
  public var byteCount: UInt64 {
    var sum: UInt64 = 0
    for segment in segments { sum += segment.byteCount }
    return sum
  }

  /// The index of the last segment that begins at or before `address`.
  func index(atOrBefore address: PhysicalAddress) -> Int? {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].physical <= address {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low == 0 ? nil : low - 1
  }

  /// Where in the file the byte at `address` is, and how many bytes follow
  /// it there.
  public func place(
    of address: PhysicalAddress
  ) -> (fileOffset: UInt64, byteCount: UInt64)? {
    guard
      let index = index(atOrBefore: address),
      let rest = segments[index].dropping(before: address)
    else { return nil }
    return (rest.fileOffset, rest.byteCount)
  }

  /// The first run of frames at or after `frame` that the file has in full,
  /// which may begin in the middle of a PT_LOAD; nil when there is none.
  public func frames(from frame: FrameNumber) -> FrameRange? {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].end <= frame {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < runs.count else { return nil }
    let start = max(frame, runs[low].start)
    return FrameRange(start: start, count: runs[low].end.value - start.value)
  }
}

extension LoadSegment {
  /// The frames that the piece has in full.
  var frames: FrameRange {
    let mask = UInt64(Frame.size - 1)
    let (rounded, overflow) = physical.value.addingReportingOverflow(mask)
    let first = rounded >> Frame.shift
    let end = end.value >> Frame.shift
    return FrameRange(
      start: FrameNumber(overflow ? 0 : first),
      count: overflow || end <= first ? 0 : end - first
    )
  }
}
