// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// What stands before a message's text.
public struct LogStyle: Sendable {
  /// Facility and level, as `dmesg -x` has them.
  public var showsLevel = false
  /// Who wrote it, as the console has it with CONFIG_PRINTK_CALLER.
  public var showsCaller = false

  /// The time alone.
  public init() {}
}

/// Writes messages as lines of text, as dmesg and makedumpfile do.
///
///     [    1.234567] the text
///                    and its second line
///
/// What is neither printable nor white space is written as \xNN.
public struct LogText<Sink: ByteSink & ~Copyable>: LogVisitor, ~Copyable {
  private static var room: Int { 4096 }

  private var sink: Sink
  private let style: LogStyle
  private var buffer = ByteBuffer(count: room)
  private var used = 0
  private var isTaken = true

  /// Writes to `sink`, which it then owns.
  public init(_ sink: consuming Sink, _ style: LogStyle = LogStyle()) {
    self.sink = sink
    self.style = style
  }

  /// Writes what is still here, and gives the sink back; nil where it did not
  /// take everything.
  public consuming func finish() -> Sink? {
    flush()
    return isTaken ? consume sink : nil
  }

  /// Writes one message; nothing of one that has no text, as makedumpfile.
  public mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool {
    guard record.missing == nil else { return true }
    var indent = 0
    if style.showsLevel, let level = record.level {
      append(LogRecord.name(ofFacility: record.facility ?? 0), to: 6)
      append(":")
      append(LogRecord.name(ofLevel: level), to: 6)
      append(": ")
      indent += 15
    }
    indent += append(time: record.time)
    if style.showsCaller, let caller = record.caller {
      indent += append(caller: caller)
    }
    let reader = ByteReader(text)
    for index in 0..<reader.count {
      switch reader.u8(index) {
      case 0x0a:
        append(0x0a)
        for _ in 0..<indent { append(0x20) }
      case let byte where 0x20...0x7e ~= byte || 0x09...0x0d ~= byte:
        append(byte)
      case let byte:
        append(0x5c)
        append(0x78)
        append(hex: byte >> 4)
        append(hex: byte & 15)
      }
    }
    append(0x0a)
    return isTaken
  }

  /// The time as `[%5u.%06u] ` prints it.
  private mutating func append(time: UInt64) -> Int {
    append(0x5b)
    let seconds = append(time / 1_000_000_000, width: 5, 0x20)
    append(0x2e)
    _ = append(time % 1_000_000_000 / 1000, width: 6, 0x30)
    append("] ")
    return seconds + 10
  }

  /// T and a thread, or C and a processor, as `[%6s] ` prints it.
  private mutating func append(caller: UInt32) -> Int {
    let number = UInt64(caller & 0x7fff_ffff)
    append(0x5b)
    var width = 5
    var bound: UInt64 = 10
    while width > 1, number >= bound {
      width -= 1
      bound *= 10
    }
    for _ in 1..<width { append(0x20) }
    append(caller >> 31 == 1 ? 0x43 : 0x54)
    let digits = append(number, width: 1, 0x20)
    append("] ")
    return 4 + max(0, width - 1) + digits
  }

  /// A number in decimal, filled up on its left; how long it is.
  private mutating func append(
    _ number: UInt64,
    width: Int,
    _ filler: UInt8
  ) -> Int {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = number
    var count = 0
    repeat {
      digits[count] = 0x30 + UInt8(rest % 10)
      rest /= 10
      count += 1
    } while rest > 0
    for _ in count..<max(count, width) { append(filler) }
    for index in (0..<count).reversed() { append(digits[index]) }
    return max(count, width)
  }

  private mutating func append(_ text: StaticString, to width: Int = 0) {
    for index in 0..<text.utf8CodeUnitCount { append(text.byte(index)) }
    for _ in 0..<max(0, width - text.utf8CodeUnitCount) { append(0x20) }
  }

  private mutating func append(hex digit: UInt8) {
    append(digit < 10 ? 0x30 + digit : 0x57 + digit)
  }

  private mutating func append(_ byte: UInt8) {
    if used == Self.room { flush() }
    let place = used
    var bytes = buffer.mutableBytes
    bytes.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
    used = place + 1
  }

  private mutating func flush() {
    let count = used
    used = 0
    guard isTaken, count > 0 else { return }
    // Taken out of self, so that the sink can be written to meanwhile.
    var full = ByteBuffer(count: 0)
    swap(&full, &buffer)
    isTaken = sink.write(full.bytes.extracting(0..<count))
    swap(&full, &buffer)
  }
}

extension StaticString {
  /// The byte at `index`, which is below utf8CodeUnitCount.
  fileprivate func byte(_ index: Int) -> UInt8 {
    precondition(hasPointerRepresentation && index < utf8CodeUnitCount)
    // SAFETY: the precondition keeps the index inside the literal.
    return unsafe utf8Start[index]
  }
}
