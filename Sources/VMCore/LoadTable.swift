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
  func place(
    of address: PhysicalAddress
  ) -> (fileOffset: UInt64, byteCount: UInt64)? {
    guard
      let index = index(atOrBefore: address),
      let rest = segments[index].dropping(before: address)
    else { return nil }
    return (rest.fileOffset, rest.byteCount)
  }

  /// The whole frames of the segment at `index`.
  func frames(of index: Int) -> FrameRange {
    let mask = UInt64(Frame.size - 1)
    let segment = segments[index]
    let (rounded, overflow) =
      segment.physical.value.addingReportingOverflow(mask)
    guard !overflow else {
      return FrameRange(start: FrameNumber(0), count: 0)
    }
    let first = rounded >> Frame.shift
    let end = segment.end.value >> Frame.shift
    return FrameRange(
      start: FrameNumber(first),
      count: end > first ? end - first : 0
    )
  }

  /// The first run of frames at or after `frame` that the file has in full,
  /// which may begin in the middle of a PT_LOAD; nil when there is none.
  public func frames(from frame: FrameNumber) -> FrameRange? {
    guard let address = frame.address else { return nil }
    var index = index(atOrBefore: address) ?? 0
    while index < segments.count {
      let frames = frames(of: index)
      if frame < frames.end, !frames.isEmpty {
        let start = max(frame, frames.start)
        return FrameRange(
          start: start,
          count: frames.end.value - start.value
        )
      }
      index += 1
    }
    return nil
  }
}
