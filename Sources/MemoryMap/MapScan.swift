// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// All struct pages of frames that the file has, window by window, in order
/// of physical address.
public struct MapScan {
  /// What the scan came upon.
  public enum Step {
    /// Frames whose struct pages are in the window now.
    case frames(FrameRange)
    /// Frames that have no struct page that could be read, and why.
    case hole(FrameRange, MapError)
    /// There are no more frames.
    case end
  }

  /// The first frame that the scan has not come to.
  public private(set) var position = FrameNumber(0)

  /// Begins at frame 0.
  public init() {}

  /// Goes on at `frame`, which must not lie behind.
  public mutating func skip(to frame: FrameNumber) {
    position = max(position, frame)
  }

  /// Goes back to `frame`, which may lie behind.
  public mutating func resume(at frame: FrameNumber) {
    position = frame
  }

  /// The next frames; only a source that fails is an error.
  public mutating func next<Source: ByteSource & ~Copyable>(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) -> Step {
    guard let run = core.loads.frames(from: position) else { return .end }
    let section = map.sections.frames(around: run.start)
    let end = min(run.end, section.end).value
    let start = run.start.value
    // Windows begin at multiples of their size, so that blocks lie in one.
    let window = map.alignedCapacity
    let count = min(end - start, window - start & (window - 1))
    let frames = FrameRange(start: run.start, count: count)
    do throws(MapError) {
      try map.load(frames, from: core)
      position = frames.end
      return .frames(frames)
    } catch {
      switch error {
      case .noSection, .badSection, .noSections:
        return hole(from: run.start, to: FrameNumber(end), error)
      case .core(.notMapped(let address, let level)):
        let end = FrameNumber(end)
        return try partial(frames, address, level, &map, core, end, error)
      case .core(.notCovered(let address, _)):
        let end = FrameNumber(end)
        return try partial(frames, address, 1, &map, core, end, error)
      case .core:
        throw error
      }
    }
  }

  /// The frames before the one whose struct page is at fault, or, where it
  /// is the first, the hole that the entry of `level` leaves.
  private mutating func partial<Source: ByteSource & ~Copyable>(
    _ frames: FrameRange,
    _ address: VirtualAddress,
    _ level: Int,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ end: FrameNumber,
    _ error: MapError
  ) throws(MapError) -> Step {
    let size = UInt64(map.pages.size)
    let first = try map.address(ofPage: frames.start, in: core).value
    let before = address.value > first ? (address.value - first) / size : 0
    if before > 0, before < frames.count {
      let part = FrameRange(start: frames.start, count: before)
      try map.load(part, from: core)
      position = part.end
      return .frames(part)
    }
    let span: UInt64 = 1 << UInt64(12 + 9 * (max(1, min(level, 5)) - 1))
    let next = address.value | (span - 1)
    let skipped = next > first ? (next - first) / size + 1 : 1
    let stop = min(end.value, frames.start.value &+ skipped)
    return hole(from: frames.start, to: FrameNumber(stop), error)
  }

  private mutating func hole(
    from start: FrameNumber,
    to end: FrameNumber,
    _ error: MapError
  ) -> Step {
    let stop = max(end, FrameNumber(start.value + 1))
    position = stop
    let frames = FrameRange(
      start: start,
      count: stop.value - start.value
    )
    return .hole(frames, error)
  }
}
