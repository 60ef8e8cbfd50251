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
    let head: ElfHead
    do throws(CoreError) {
      head = try ElfHead(core, plan.dumped, facts)
    } catch { throw .core(error) }
    let end = head.data + chunks.count << Frame.shift
    try file.write(head.bytes(isComplete: file.isFlat), at: 0)
    try file.extend(to: end)
    let start = head.data
    let turnstile = Turnstile(pieces: chunks.pieces, offset: start)
    let (sums, _) = try run(turnstile, tell) { () throws(DumpError) in
      var pages = ByteBuffer(count: Int(Chunks.size) * Frame.size)
      while let index = turnstile.next() {
        try self.write(index, &pages, from: start, turnstile)
      }
    }
    if !file.isFlat {
      try file.write(Array(head.bytes(isComplete: true).prefix(64)), at: 0)
    }
    try file.end()
    return Result(
      frames: sums.frames,
      zeroes: sums.zeroes,
      unreadable: sums.unreadable,
      bytes: end
    )
  }

  private func write(
    _ index: Int,
    _ pages: inout ByteBuffer,
    from start: UInt64,
    _ turnstile: Turnstile
  ) throws(DumpError) {
    var sums = Turnstile.Sums()
    let runs = chunks.runs(ofPiece: index)
    sums.unreadable = read(runs, into: &pages)
    let count = runs.reduce(0) { $0 + Int($1.count) }
    sums.frames = UInt64(count)
    let place = start + chunks.rank(ofPiece: index) << Frame.shift
    sums.zeroes = try write(pages.bytes, count, at: place)
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
