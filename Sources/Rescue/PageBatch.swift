// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// A buffer of 16 pages, in which frames are looked at before they are written.
struct PageBatch: ~Copyable {
  static let size = 16
  private var buffer = ByteBuffer(count: size * Frame.size)

  /// Reads frames that follow one another, as many as there is room for; how
  /// many of them could not be read, and are zero.
  mutating func read<Source: ByteSource & ~Copyable>(
    _ run: FrameRange,
    of core: borrowing CoreFile<Source>
  ) -> UInt64 {
    var raw = buffer.mutableBytes
    var part = raw._mutatingExtracting(0..<Int(run.count) * Frame.size)
    if let address = run.start.address,
      (try? core.read(address, into: &part)) != nil
    {
      return 0
    }
    var unreadable: UInt64 = 0
    for index in 0..<Int(run.count) {
      let frame = FrameNumber(run.start.value + UInt64(index))
      let start = index * Frame.size
      var page = part._mutatingExtracting(start..<start + Frame.size)
      if !core.read(frame, into: &page) { unreadable += 1 }
    }
    return unreadable
  }

  /// Some of the pages.
  @_lifetime(borrow self)
  borrowing func bytes(of pages: Range<Int>) -> RawSpan {
    let (start, end) = (pages.lowerBound, pages.upperBound)
    return buffer.bytes.extracting(start * Frame.size..<end * Frame.size)
  }

  /// Whether all bytes of the page are zero.
  borrowing func isZero(_ page: Int) -> Bool {
    let reader = ByteReader(bytes(of: page..<page + 1))
    for place in stride(from: 0, to: Frame.size, by: 8)
    where reader.u64(place) != 0 {
      return false
    }
    return true
  }
}

extension PlainDump where Sink: ~Copyable {
  /// Writes frames that follow one another, until `tick` wants no more.
  mutating func write<Source: ByteSource & ~Copyable>(
    _ run: FrameRange,
    of core: borrowing CoreFile<Source>,
    _ pages: inout PageBatch,
    _ tick: (UInt64) -> Bool
  ) -> Bool {
    let most = UInt64(min(sink.pagesAtOnce, PageBatch.size))
    var rank = ranks.rank(of: run.start)
    var frame = run.start
    while frame < run.end {
      guard tick(frames) else {
        isOver = true
        return true
      }
      let count = Int(min(run.end.value - frame.value, most))
      let part = FrameRange(start: frame, count: UInt64(count))
      unreadable += pages.read(part, of: core)
      guard write(pages, count, rank: rank) else { return false }
      rank += part.count
      frame = part.end
      frames += part.count
    }
    return true
  }

  /// Writes the first pages of the batch, those between zero pages in one piece.
  private mutating func write(
    _ pages: borrowing PageBatch,
    _ count: Int,
    rank: UInt64
  ) -> Bool {
    var first = 0
    for index in 0...count {
      let isZero = index < count && pages.isZero(index)
      guard isZero || index == count else { continue }
      if first < index {
        let start = byteCount
        byteCount += UInt64((index - first) * Frame.size)
        guard sink.write(pages.bytes(of: first..<index), at: start) else {
          return false
        }
        for page in first..<index {
          let place = start + UInt64((page - first) * Frame.size)
          guard describe(rank: rank + UInt64(page), at: place) else {
            return false
          }
        }
      }
      if isZero, !describe(rank: rank + UInt64(index), at: zeroPage) {
        return false
      }
      first = index + 1
    }
    return true
  }
}

extension CoreFile where Source: ~Copyable {
  /// Reads a frame, and zeroes where the file has only a part of it; false where
  /// something that it has cannot be read.
  public func read(
    _ frame: FrameNumber,
    into page: inout MutableRawSpan
  ) -> Bool {
    guard let address = frame.address else { return false }
    if (try? read(address, into: &page)) != nil { return true }
    for offset in 0..<Frame.size {
      page.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
    }
    var isWhole = true
    for segment in loads.segments {
      let start = max(address, segment.physical)
      let end = min(address.value + UInt64(Frame.size), segment.end.value)
      guard start.value < end else { continue }
      let offset = Int(start.value - address.value)
      let count = Int(end - start.value)
      var part = page._mutatingExtracting(offset..<offset + count)
      if (try? read(start, into: &part)) == nil { isWhole = false }
    }
    return isWhole
  }
}
