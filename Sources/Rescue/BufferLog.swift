// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// The log before v5.10, of which nothing is believed that could be checked.
struct BufferLog: ~Copyable {
  /// The most that log_buf_len= gives.
  static let longest: UInt64 = 1 << 31

  private let layout: BufferLayout
  private let first: UInt64
  private let next: UInt64
  private let length: UInt64
  private var space: AddressSpace
  private var records: KernelWindow

  init<M: PhysicalMemory & ~Copyable>(
    _ layout: BufferLayout,
    _ given: consuming AddressSpace,
    in memory: borrowing M
  ) throws(LogError) {
    var space = given
    let buffer = try space.number(layout.buffer, in: memory)
    let length = try space.number(layout.length, size: 4, in: memory)
    let first = try space.number(layout.first, size: 4, in: memory)
    let next = try space.number(layout.next, size: 4, in: memory)
    guard length >= UInt64(layout.headerSize), length <= Self.longest else {
      throw .damaged(.bufferLength, length)
    }
    self.first = first
    self.next = next
    self.length = length
    // A record of 64 KiB, which is the largest, is read as a whole.
    records = KernelWindow(
      at: VirtualAddress(buffer),
      count: length,
      room: 65536
    )
    self.layout = layout
    self.space = space
  }

  /// Goes from the first record to the last: never backwards but for once,
  /// where the buffer wraps around.
  mutating func read<
    M: PhysicalMemory & ~Copyable,
    Visitor: LogVisitor & ~Copyable
  >(
    in memory: borrowing M,
    _ visitor: inout Visitor
  ) -> LogReport {
    var report = LogReport()
    var index = first
    var mayWrap = first > next
    if first >= length || next > length {
      report.isSalvaged = true
      index = 0
      mayWrap = false
    }
    while index != next || mayWrap {
      guard mayWrap || index < next || report.isSalvaged else {
        // Past the end, which no record should have reached.
        report.damaged += 1
        break
      }
      let size: UInt64
      do throws(LogError) {
        size = try self.size(of: index, in: memory)
        if size > 0 {
          guard try take(index, size, in: memory, &report, &visitor) else {
            report.endedEarly = true
            break
          }
          index += size
          continue
        }
      } catch {
        report.damaged += 1
      }
      // The end of the buffer, or a record that nothing can be made of: the
      // newest ones are at the start.
      guard mayWrap else { break }
      mayWrap = false
      index = 0
    }
    return report
  }

  /// How many bytes the record has, 0 for the mark at the buffer's end; throws
  /// where it has more or less than it can have.
  private mutating func size<M: PhysicalMemory & ~Copyable>(
    of index: UInt64,
    in memory: borrowing M
  ) throws(LogError) -> UInt64 {
    let header = layout.headerSize
    let place = try records.place(of: index, header, &space, in: memory)
    let reader = ByteReader(records.bytes)
    let size = UInt64(reader.u16(place + layout.size))
    guard size == 0 || size >= UInt64(header) && size <= length - index else {
      throw .damaged(.bufferLength, size)
    }
    return size
  }

  /// Hands on a record; false when there were enough.
  private mutating func take<
    M: PhysicalMemory & ~Copyable,
    Visitor: LogVisitor & ~Copyable
  >(
    _ index: UInt64,
    _ size: UInt64,
    in memory: borrowing M,
    _ report: inout LogReport,
    _ visitor: inout Visitor
  ) throws(LogError) -> Bool {
    let place = try records.place(of: index, Int(size), &space, in: memory)
    let reader = ByteReader(records.bytes)
    var record = LogRecord(
      sequence: nil,
      time: reader.u64(place + layout.time),
      isContinuation: false,
      caller: layout.caller.map { reader.u32(place + $0) }
    )
    if let facility = layout.facility {
      record.facility = reader.u8(place + facility)
      record.takeMarks(reader.u8(place + facility + 1))
    }
    let room = Int(size) - layout.headerSize
    let length = min(Int(reader.u16(place + layout.textLength)), room)
    let start = place + layout.headerSize
    report.records += 1
    return visitor.visit(
      record,
      records.bytes.extracting(start..<start + length)
    )
  }
}
