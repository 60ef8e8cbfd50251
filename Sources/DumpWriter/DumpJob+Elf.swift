// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Rescue
internal import VMCore

extension DumpJob where Source: ~Copyable {
  /// Writes an ELF core file.
  ///
  /// Each frame has its place from the start. Zero pages are holes in a file
  /// where the level leaves them out; they are there all the same.
  public func writeElf(
    _ tell: @escaping @Sendable (UInt64) -> Void
  ) throws(DumpError) -> Result {
    // With as many segments as there can be.
    let most = try elfFrames()
    let chunks = Chunks(plan, limit: most)
    let head: ElfHead
    do throws(CoreError) {
      head = try ElfHead(core, chunks.ranks.frames, facts)
    } catch { throw .core(error) }
    let end = head.data + chunks.ranks.count << Frame.shift
    try file.write(head.bytes(isComplete: false), at: 0)
    try file.extend(to: end)
    let start = head.data
    let turnstile = Turnstile(pieces: chunks.pieceCount, offset: start)
    let (sums, _) = try run(turnstile, tell) { () throws(DumpError) in
      var pages = ByteBuffer(count: Int(Chunks.size) * Frame.size)
      while let index = turnstile.next() {
        let parts = chunks.parts(ofPiece: index)
        try self.write(parts, &pages, from: start, turnstile)
      }
    }
    if !chunks.isCut {
      try file.write(Array(head.bytes(isComplete: true).prefix(64)), at: 0)
    }
    try file.end()
    return result(sums, chunks, bytes: end)
  }

  /// How many frames there is room for, each in a segment of its own.
  private func elfFrames() throws(DumpError) -> UInt64 {
    guard budget < .max else { return .max }
    let head: ElfHead
    do throws(CoreError) {
      head = try ElfHead(core, FrameBitmap(count: 0), facts)
    } catch { throw .core(error) }
    // A section header where there are many.
    let first = head.data + UInt64(Frame.size) + 64
    guard budget > first else { return 0 }
    return (budget - first) / UInt64(Frame.size + 56)
  }

  private func write(
    _ parts: [Chunks.Part],
    _ pages: inout ByteBuffer,
    from start: UInt64,
    _ turnstile: Turnstile
  ) throws(DumpError) {
    var sums = Turnstile.Sums()
    sums.unreadable = read(parts, into: &pages)
    var first = 0
    for part in parts {
      let count = Int(part.frames.count)
      let size = count * Frame.size
      sums.zeroes += try write(
        pages.bytes.extracting(first..<first + size),
        count,
        at: start + part.rank << Frame.shift
      )
      sums.frames += part.frames.count
      first += size
    }
    turnstile.add(sums)
  }

  /// Writes the runs of pages between zero pages; how many of those there are.
  private func write(
    _ pages: RawSpan,
    _ count: Int,
    at offset: UInt64
  ) throws(DumpError) -> UInt64 {
    let skipsZeroes = plan.level.value & 1 != 0 && !file.isFlat
    var zeroes: UInt64 = 0
    var first = 0
    func flush(_ end: Int) throws(DumpError) {
      guard first < end else { return }
      let range = first * Frame.size..<end * Frame.size
      let bytes = pages.extracting(range)
      try file.write(bytes, at: offset + UInt64(range.lowerBound))
    }
    for index in 0..<count where skipsZeroes {
      let start = index * Frame.size
      let page = pages.extracting(start..<start + Frame.size)
      guard PageCodec.isZero(page) else { continue }
      try flush(index)
      first = index + 1
      zeroes += 1
    }
    try flush(count)
    return zeroes
  }
}
