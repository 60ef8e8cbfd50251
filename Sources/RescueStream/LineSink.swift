// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Rescue

/// Writes a file to a console, in lines that `oldmem receive --console` finds
/// among others; the format is drawn in ConsoleLine.swift.
///
/// Runs of zeroes behind all that was written are not sent.
public struct LineSink<Sink: ByteSink & ~Copyable>: PlacedSink, ByteSink,
  ~Copyable
{
  /// The bytes of a run: what waits here until it is sent.
  private static var most: Int { 60 * ConsoleLine.room }

  private var sink: Sink
  private let kind: StreamKind
  private let transfer: UInt16
  private var lineNumber: UInt32 = 0
  private var waiting = [UInt8]()
  private var start: UInt64 = 0
  private var before = ConsoleRun(first: 0, offset: 0, byteCount: 0)
  private var isSound = true
  /// Up to here a byte may have been sent before.
  private var reach: UInt64 = 0

  /// The file's bytes so far: up to behind the last one.
  public private(set) var count: UInt64 = 0

  /// Begins to write something of this kind to a console.
  ///
  /// - Parameters:
  ///   - transfer: any number, another one for each transfer.
  ///   - name: of what is sent, 64 bytes at most.
  public init(
    to sink: consuming Sink,
    kind: StreamKind,
    transfer: UInt16,
    name: [UInt8] = []
  ) {
    self.sink = sink
    self.kind = kind
    self.transfer = transfer
    waiting.reserveCapacity(Self.most)
    var line = head(type: 1, at: 0)
    for byte in name.prefix(64) { line.append(byte) }
    send(line)
  }

  /// Takes the bytes that follow all others.
  public mutating func write(_ bytes: RawSpan) -> Bool {
    write(bytes, at: count)
  }

  /// Takes the bytes that are at `offset`, which must be below 2^40.
  public mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    let (end, overflow) = offset.addingReportingOverflow(
      UInt64(bytes.byteCount)
    )
    guard isSound, !overflow, end < 1 << 40 else { return false }
    if offset != start + UInt64(waiting.count) {
      flush()
      start = offset
    }
    var rest = bytes
    while !rest.isEmpty {
      let step = min(Self.most - waiting.count, rest.byteCount)
      unsafe rest.extracting(first: step).withUnsafeBytes { buffer in
        // SAFETY: the bytes are copied before the call ends.
        unsafe waiting.append(contentsOf: buffer)
      }
      if waiting.count == Self.most { flush() }
      rest = rest.extracting(droppingFirst: step)
    }
    count = max(count, end)
    return isSound
  }

  /// A console keeps its order: sends what is waiting.
  public mutating func barrier() -> Bool {
    flush()
    return isSound
  }

  /// Ends the file; false where the console did not take all.
  ///
  /// - Parameter byteCount: the file's bytes, if there are more than were
  ///   written.
  public mutating func end(isWhole: Bool, byteCount: UInt64 = 0) -> Bool {
    flush()
    count = max(count, byteCount)
    guard count < 1 << 40 else { return false }
    var line = head(type: 4, at: count)
    line.append(isWhole ? 1 : 0)
    before.append(to: &line)
    let number = lineNumber
    for _ in 0..<3 {
      // The same line, lest one be lost.
      lineNumber = number
      send(line)
    }
    return isSound
  }

  private mutating func flush() {
    let run = ConsoleRun(
      first: lineNumber &+ 1,
      offset: start,
      byteCount: UInt32(waiting.count)
    )
    let isNew = start >= reach
    let end = start + UInt64(waiting.count)
    reach = max(reach, end)
    defer {
      start = end
      waiting.removeAll(keepingCapacity: true)
    }
    guard !waiting.isEmpty, !isNew || !isZero else { return }
    var line = head(type: 2, at: start)
    ConsoleLine.append(UInt64(run.byteCount), 4, to: &line)
    before.append(to: &line)
    send(line)
    var sent = 0
    while sent < waiting.count, isSound {
      let step = min(ConsoleLine.room, waiting.count - sent)
      var line = head(type: 3, at: start + UInt64(sent))
      for index in sent..<(sent + step) { line.append(waiting[index]) }
      send(line)
      sent += step
    }
    before = run
  }

  private var isZero: Bool {
    for byte in waiting where byte != 0 { return false }
    return true
  }

  @inline(never)
  private func head(type: UInt8, at offset: UInt64) -> [UInt8] {
    var line = [UInt8]()
    line.reserveCapacity(ConsoleLine.mostCharacters)
    line.append(kind.rawValue << 4 | type)
    ConsoleLine.append(UInt64(transfer), 2, to: &line)
    ConsoleLine.append(UInt64(lineNumber), 4, to: &line)
    ConsoleLine.append(offset, 5, to: &line)
    return line
  }

  @inline(never)
  private mutating func send(_ line: [UInt8]) {
    let text = ConsoleLine.text(of: line)
    let span = text.span
    // SAFETY: bytes have no padding that could leak.
    if isSound { isSound = sink.write(unsafe span.bytes) }
    if lineNumber >= ConsoleLine.mostLines { isSound = false }
    lineNumber &+= 1
  }
}
