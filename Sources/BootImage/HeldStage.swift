// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Parts of stage two out of a crashed system's memory.
///
/// A part is copied first, page by page, and what was copied must have the
/// digest that lies in stage one before any of it is handed out: whoever could
/// write to old memory, a device or somebody who planted pages that look like
/// held ones, can only make a part missing.
public struct HeldStage<Source: PhysicalMemory & ~Copyable>: ~Copyable {
  /// What has become of a part that was opened.
  public enum Opening: Equatable, Sendable {
    /// It can be read.
    case ready
    /// Some of its pages are not where they were: `search` may find them.
    case moved
    /// Its pages are all there, and are not what was held.
    case wrong
  }

  /// Frames that are looked at in one step of a search.
  private static var stretch: UInt64 { 64 }

  /// What is held.
  public let record: HeldRecord
  private let memory: Source
  /// Where each page is, as far as anybody knows.
  private var places = [FrameNumber]()
  private let frames: [FrameRange]
  /// What is left of them to be searched.
  private var unsearched = [FrameRange]()
  private var part = [UInt8]()
  private var taken = 0
  private var page = [UInt8](repeating: 0, count: Frame.size)
  private var window = [UInt8]()

  /// Takes the record, the crashed system's memory, and the frames that it has.
  public init(
    _ record: HeldRecord,
    in memory: consuming Source,
    frames: [FrameRange]
  ) {
    self.record = record
    self.memory = memory
    self.frames = frames
    places.reserveCapacity(Int(record.pageCount))
    for run in record.runs {
      for index in 0..<run.count {
        places.append(FrameNumber(run.start.value + index))
      }
    }
  }

  /// Copies a part and says whether it is what was held.
  public mutating func open(_ number: UInt32) -> Opening {
    let size = record.size(ofPart: number)
    let first = record.firstPage(ofPart: number)
    part.removeAll(keepingCapacity: true)
    taken = 0
    var index = first
    while UInt64(part.count) < size {
      guard let count = copy(index) else { return .moved }
      let content = HeldPage.headerSize..<HeldPage.headerSize + count
      part.append(contentsOf: page[content])
      index += 1
    }
    guard number < record.partCount, UInt64(part.count) == size,
      Digest(of: part.span) == record.digests[Int(number)]
    else {
      part.removeAll(keepingCapacity: true)
      return .wrong
    }
    return .ready
  }

  /// Begins to search all memory, once more where it was searched before.
  ///
  /// What is found may be a copy that was left behind when a page moved, in
  /// memory that is free and may be lent before it is read. The next search
  /// does not find that any more.
  public mutating func beginSearch() { unsearched = frames }

  /// Looks through the next stretch of memory for pages that are not where
  /// they were; false when all of it has been looked at.
  public mutating func search() -> Bool {
    guard let run = unsearched.last else { return false }
    let count = min(Self.stretch, run.count)
    let rest = FrameRange(
      start: FrameNumber(run.start.value + count),
      count: run.count - count
    )
    unsearched.removeLast()
    if !rest.isEmpty { unsearched.append(rest) }
    let stretch = FrameRange(start: run.start, count: count)
    if !look(through: stretch) {
      // One frame that cannot be read must not hide its neighbours.
      for index in 0..<count {
        let frame = FrameNumber(run.start.value + index)
        _ = look(through: FrameRange(start: frame, count: 1))
      }
    }
    return true
  }

  /// Fills the beginning of `bytes` with what comes next in the open part; 0
  /// at its end.
  public mutating func read(into bytes: inout MutableSpan<UInt8>) -> Int {
    let count = min(bytes.count, part.count - taken)
    for index in 0..<count { bytes[index] = part[taken + index] }
    taken += count
    return count
  }

  /// Copies a page from where it should be, and says how much it holds; nil
  /// where it is not there.
  private mutating func copy(_ index: UInt64) -> Int? {
    guard index < UInt64(places.count),
      Self.read(places[Int(index)], of: memory, into: &page, Frame.size),
      let found = record.page.read(page.span),
      UInt64(found.index) == index, found.count > 0
    else { return nil }
    return found.count
  }

  /// Remembers the held pages among some frames; false where one cannot be
  /// read.
  private mutating func look(through frames: FrameRange) -> Bool {
    let size = Int(frames.count) * Frame.size
    if window.count < size { window = [UInt8](repeating: 0, count: size) }
    guard Self.read(frames.start, of: memory, into: &window, size) else {
      return false
    }
    for index in 0..<Int(frames.count) {
      let bytes = index * Frame.size..<(index + 1) * Frame.size
      guard let page = Self.index(of: window, bytes, record.page),
        page < places.count, copy(UInt64(page)) == nil
      else { continue }
      places[page] = FrameNumber(frames.start.value + UInt64(index))
    }
    return true
  }

  /// Which page lies in these bytes of a window; nil where none does.
  private static func index(
    of window: [UInt8],
    _ bytes: Range<Int>,
    _ page: HeldPage
  ) -> Int? {
    let frame = window.span.extracting(bytes)
    guard page.marks(frame) else { return nil }
    return page.read(frame).map { Int($0.index) }
  }

  /// Whether as many bytes as that could be read from a frame on.
  private static func read(
    _ frame: FrameNumber,
    of memory: borrowing Source,
    into bytes: inout [UInt8],
    _ count: Int
  ) -> Bool {
    guard let address = frame.address else { return false }
    var span = bytes.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    var part = raw._mutatingExtracting(first: count)
    do throws(MemoryError) {
      try memory.read(address, into: &part)
      return true
    } catch { return false }
  }
}
