// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
public import Rescue
internal import VMCore

extension DumpJob where Source: ~Copyable {
  /// Writes the kdump-compressed format.
  ///
  /// A file says of itself that it is incomplete until it is done, and what is
  /// in it can be read at any time: descriptions of pages that are not yet
  /// there are zero, which is an error for who reads them.
  public func writeKdump(
    _ compression: KdumpHeader.Compression,
    _ tell: @escaping @Sendable (UInt64) -> Void
  ) throws(DumpError) -> Result {
    let header = KdumpHeader(
      compression,
      level: plan.level.value,
      frames: plan.present.count,
      facts
    )
    let chunks = Chunks(plan, limit: kdumpFrames(header))
    let data =
      header.descriptions
      + chunks.ranks.count * UInt64(KdumpHeader.descriptionSize)
    var place = header.bitmaps
    for bitmap in [plan.present, chunks.ranks.frames] {
      for block in 0..<bitmap.blockCount {
        try file.write(bitmap.bytes(ofBlock: block), at: place)
        place += UInt64(FrameBitmap.blockSize)
      }
    }
    try file.extend(to: data)
    // The page that stands for all zero pages.
    let zero = [UInt8](repeating: 0, count: Frame.size)
    try file.write(zero, at: data)
    // Only now it is a dump, and from now on it always is.
    try file.write(header.bytes(isComplete: false), at: 0)
    let first = data + UInt64(Frame.size)
    let turnstile = Turnstile(
      pieces: chunks.pieceCount,
      offset: first,
      end: budget
    )
    let (sums, end) = try run(turnstile, tell) { () throws(DumpError) in
      guard let codec = PageCodec(compression) else { throw .noMemory }
      var piece = KdumpPiece(
        codec: codec,
        flags: compression.rawValue,
        zero: self.plan.level.value & 1 != 0 ? data : nil
      )
      while let index = turnstile.next() {
        let parts = chunks.parts(ofPiece: index)
        try self.write(index, parts, &piece, header, turnstile)
      }
    }
    try file.extend(to: end)
    let firstLeft = turnstile.firstPieceLeft
    if let firstLeft {
      try describeAbsent(chunks, from: firstLeft, turnstile, header)
    } else if !chunks.isCut {
      try file.write(
        Array(header.bytes(isComplete: true).prefix(512)),
        at: 0
      )
    }
    try file.end()
    return result(sums, chunks, firstLeft: firstLeft, bytes: end)
  }

  /// For how many frames descriptions are worth their room: pages that get
  /// smaller than 256 bytes on average are not expected.
  private func kdumpFrames(_ header: KdumpHeader) -> UInt64 {
    guard budget < .max else { return .max }
    let first = header.descriptions + UInt64(2 * Frame.size)
    guard budget > first else { return 0 }
    return (budget - first) / UInt64(KdumpHeader.descriptionSize + 256)
  }

  /// Describes pages for which there was no room in a way that each reader
  /// takes for an error.
  private func describeAbsent(
    _ chunks: Chunks,
    from first: Int,
    _ turnstile: Turnstile,
    _ header: KdumpHeader
  ) throws(DumpError) {
    for index in first..<chunks.pieceCount
    where !turnstile.isDone(piece: index) {
      for part in chunks.parts(ofPiece: index) {
        let bytes = KdumpHeader.absent(count: Int(part.frames.count))
        try file.write(bytes, at: header.description(ofRank: part.rank))
      }
    }
  }

  private func write(
    _ index: Int,
    _ parts: [Chunks.Part],
    _ piece: inout KdumpPiece,
    _ header: KdumpHeader,
    _ turnstile: Turnstile
  ) throws(DumpError) {
    var sums = Turnstile.Sums()
    sums.unreadable = read(parts, into: &piece.pages)
    sums.frames = parts.reduce(0) { $0 + $1.frames.count }
    sums.zeroes = piece.pack(Int(sums.frames))
    guard let offset = turnstile.place(of: piece.packedCount, piece: index)
    else { return }
    // First the pages, then what says where they are.
    if piece.packedCount > 0 {
      let bytes = piece.packed.bytes.extracting(0..<piece.packedCount)
      try file.write(bytes, at: offset)
    }
    var first = 0
    for part in parts {
      let count = Int(part.frames.count)
      let bytes = piece.describe(first..<first + count, from: offset)
      try file.write(bytes, at: header.description(ofRank: part.rank))
      first += count
    }
    turnstile.add(sums)
  }
}

/// What one thread needs for one piece after another.
private struct KdumpPiece: ~Copyable {
  private struct Page {
    /// Where in the packed bytes it is; nil for a zero page.
    var offset: Int?
    var count = 0
    var flags: UInt32 = 0
  }

  private let codec: PageCodec
  private let flags: UInt32
  /// Where in the file the page of zeroes is; nil where zero pages are pages
  /// like others.
  private let zero: UInt64?
  var pages = ByteBuffer(count: Int(Chunks.size) * Frame.size)
  var packed = ByteBuffer(count: Int(Chunks.size) * Frame.size)
  private(set) var packedCount = 0
  private var described: [Page] = []

  init(codec: consuming PageCodec, flags: UInt32, zero: UInt64?) {
    self.codec = codec
    self.flags = flags
    self.zero = zero
  }

  /// Compresses the first `count` pages; how many of them are zero.
  mutating func pack(_ count: Int) -> UInt64 {
    var described: [Page] = []
    described.reserveCapacity(count)
    var used = 0
    var zeroes: UInt64 = 0
    // Taken out of self, so that the pages can be read meanwhile.
    var buffer = ByteBuffer(count: 0)
    swap(&buffer, &packed)
    var target = buffer.mutableBytes
    for index in 0..<count {
      let start = index * Frame.size
      let page = pages.bytes.extracting(start..<start + Frame.size)
      if zero != nil, PageCodec.isZero(page) {
        zeroes += 1
        described.append(Page())
        continue
      }
      // Room for one byte less than a page.
      var room = target._mutatingExtracting(used..<used + Frame.size - 1)
      var size = codec.pack(page, into: &room)
      var kind = flags
      if size == 0 {
        var whole = target._mutatingExtracting(used..<used + Frame.size)
        unsafe whole.withUnsafeMutableBytes { target in
          unsafe page.withUnsafeBytes { source in
            // SAFETY: a page each, in different buffers.
            unsafe target.copyMemory(from: source)
          }
        }
        (size, kind) = (Frame.size, 0)
      }
      described.append(Page(offset: used, count: size, flags: kind))
      used += size
    }
    swap(&buffer, &packed)
    self.described = described
    packedCount = used
    return zeroes
  }

  /// The descriptions of some pages, where all packed bytes are at `offset`.
  func describe(_ pages: Range<Int>, from offset: UInt64) -> [UInt8] {
    let described = self.described[pages]
    let size = KdumpHeader.descriptionSize
    var bytes = [UInt8](repeating: 0, count: described.count * size)
    var span = bytes.mutableSpan
    for (index, page) in described.enumerated() {
      let place = index * size
      if let start = page.offset {
        span.store(offset + UInt64(start), at: place)
        span.store(UInt32(page.count), at: place + 8)
        span.store(page.flags, at: place + 12)
      } else {
        span.store(zero ?? 0, at: place)
        span.store(UInt32(Frame.size), at: place + 8)
      }
    }
    return bytes
  }
}
