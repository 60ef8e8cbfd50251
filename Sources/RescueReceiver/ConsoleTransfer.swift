// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import RescueStream

/// The newest file that went over a console, put together out of what the
/// console has shown.
public struct ConsoleTransfer: ~Copyable {
  private var file: ReceivedFile
  private var scanner = LineScanner()
  private var current: (kind: StreamKind, transfer: UInt16)?
  private var tally = LineTally()
  private var name = [UInt8]()
  private var end: (byteCount: UInt64, isWhole: Bool)?
  private var reach: UInt64 = 0
  private var highest: UInt32 = 0
  /// Where the pieces are that were written, for those that come late.
  private var placed = [Piece]()
  private var late = [(number: UInt32, offset: UInt64, bytes: [UInt8])]()
  private let limit: UInt64
  private var isFinished = false

  private struct Piece {
    var offset: UInt64
    var number: UInt32
    var count: UInt16
  }

  /// Writes the file as `path`, which must not be there, with no more bytes than
  /// that: whoever can write to a console can name any place in a file.
  public init(to path: String, limit: UInt64) throws(StorageError) {
    file = try .make(path)
    self.limit = limit
  }

  // What nobody has finished is of no use, and in the way of the next attempt.
  deinit { if !isFinished { file.remove() } }

  /// Takes the next bytes of what the console has shown.
  public mutating func take(_ bytes: [UInt8]) throws(StorageError) {
    for byte in bytes {
      if let line = scanner.take(byte) { try take(line) }
    }
  }

  private mutating func take(_ line: ConsoleLine) throws(StorageError) {
    if current?.transfer != line.transfer || current?.kind != line.kind {
      // A newer one.
      try file.empty()
      current = (line.kind, line.transfer)
      tally = LineTally()
      (name, end, reach, highest) = ([], nil, 0, 0)
      placed.removeAll()
      late.removeAll()
    }
    guard tally.take(line) else { return }
    switch line.content {
    case .begin(let name): self.name = name
    case .run: break
    case .end(let isWhole, _): end = (line.offset, isWhole)
    case .piece(let bytes):
      let (last, isOver) = line.offset.addingReportingOverflow(
        UInt64(bytes.count)
      )
      guard !isOver, last <= limit else { throw file.tooLarge }
      reach = max(reach, line.offset + UInt64(bytes.count))
      placed.append(
        Piece(
          offset: line.offset,
          number: line.number,
          count: UInt16(bytes.count)
        )
      )
      if line.number < highest {
        // What was sent after it may have been written over it.
        late.append((line.number, line.offset, bytes))
      } else {
        try file.write(bytes[...], at: line.offset)
      }
    }
    highest = max(highest, line.number)
  }

  /// Ends the file; nil, and no file, where there was none.
  public mutating func finish() throws(StorageError) -> ConsoleReport? {
    guard let (kind, _) = current else { return nil }
    try writeLate()
    var report = ConsoleReport(
      kind: kind,
      name: name,
      byteCount: max(reach, end?.byteCount ?? 0),
      hasEnd: end != nil,
      isPartial: end?.isWhole == false
    )
    tally.finish(&report)
    if let last = report.missing.last?.upperBound {
      report.byteCount = max(report.byteCount, last)
    }
    guard report.byteCount <= limit else { throw file.tooLarge }
    try file.finish(byteCount: report.byteCount)
    isFinished = true
    return report
  }

  /// Writes what came late where nothing newer is.
  private mutating func writeLate() throws(StorageError) {
    guard !late.isEmpty else { return }
    placed.sort { $0.offset < $1.offset }
    late.sort { $0.number < $1.number }
    let room = UInt64(ConsoleLine.room)
    for (number, offset, bytes) in late {
      var isOurs = [Bool](repeating: true, count: bytes.count)
      var index = first(from: offset < room ? 0 : offset - room)
      while index < placed.count,
        placed[index].offset < offset + UInt64(bytes.count)
      {
        let piece = placed[index]
        index += 1
        guard piece.number > number else { continue }
        let start = max(piece.offset, offset)
        let end = min(
          piece.offset + UInt64(piece.count),
          offset + UInt64(bytes.count)
        )
        guard start < end else { continue }
        for place in start..<end { isOurs[Int(place - offset)] = false }
      }
      var start = 0
      while start < bytes.count {
        var end = start
        while end < bytes.count, isOurs[end] == isOurs[start] { end += 1 }
        if isOurs[start] {
          try file.write(bytes[start..<end], at: offset + UInt64(start))
        }
        start = end
      }
    }
  }

  /// The first piece that is at `offset` or behind it.
  private func first(from offset: UInt64) -> Int {
    var (low, high) = (0, placed.count)
    while low < high {
      let middle = (low + high) / 2
      if placed[middle].offset < offset {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
