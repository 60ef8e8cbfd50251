// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// The log since v5.10, of which nothing is believed that could be checked.
struct RingLog: ~Copyable {
  static let idBits: UInt64 = 62
  static let idMask: UInt64 = (1 << idBits) - 1
  /// CONFIG_LOG_BUF_SHIFT ends at 25, and log_buf_len= at 2 GiB, with one
  /// descriptor for each 32 bytes.
  static let countBits: ClosedRange<UInt64> = 1...26
  static let sizeBits: ClosedRange<UInt64> = 5...31
  /// After so many places in a row that cannot be read, nothing is there.
  static let mostMisses = 1024

  private let layout: RingLayout
  private let count: UInt64
  private let sizeBits: UInt64
  private let head: UInt64
  private let tail: UInt64
  private var space: AddressSpace
  private var descriptors: KernelWindow
  private var infos: KernelWindow
  private var data: KernelWindow
  private var misses = 0

  private enum State: UInt64 {
    case reserved
    case committed
    case finalized
    case reusable
  }

  private struct Block {
    let begin: UInt64
    let next: UInt64
  }

  init<M: PhysicalMemory & ~Copyable>(
    _ layout: RingLayout,
    _ given: consuming AddressSpace,
    in memory: borrowing M
  ) throws(LogError) {
    var space = given
    let ring = VirtualAddress(try space.number(layout.root, in: memory))
    func place(_ offset: UInt64) -> VirtualAddress {
      VirtualAddress(ring.value &+ offset)
    }
    let countBits = try space.number(
      place(layout.countBits),
      size: 4,
      in: memory
    )
    guard Self.countBits.contains(countBits) else {
      throw .damaged(.countBits, countBits)
    }
    let sizeBits = try space.number(
      place(layout.sizeBits),
      size: 4,
      in: memory
    )
    guard Self.sizeBits.contains(sizeBits) else {
      throw .damaged(.sizeBits, sizeBits)
    }
    let head = try space.number(place(layout.head), in: memory)
    let tail = try space.number(place(layout.tail), in: memory)
    let all = try space.number(place(layout.descriptors), in: memory)
    let about = try space.number(place(layout.infos), in: memory)
    let text = try space.number(place(layout.data), in: memory)
    let count: UInt64 = 1 << countBits
    self.head = head
    self.tail = tail
    self.count = count
    self.sizeBits = sizeBits
    descriptors = KernelWindow(
      at: VirtualAddress(all),
      count: count * UInt64(layout.descriptorSize),
      room: 8192
    )
    infos = KernelWindow(
      at: VirtualAddress(about),
      count: count * UInt64(layout.infoSize),
      room: 8192
    )
    data = KernelWindow(
      at: VirtualAddress(text),
      count: 1 << sizeBits,
      room: 65536
    )
    self.layout = layout
    self.space = space
  }

  mutating func read<
    M: PhysicalMemory & ~Copyable,
    Visitor: LogVisitor & ~Copyable
  >(
    in memory: borrowing M,
    _ visitor: inout Visitor
  ) -> LogReport {
    var report = LogReport()
    var first = tail & Self.idMask
    var left = ((head &- tail) & Self.idMask) + 1
    if (head | tail) > Self.idMask || left > count {
      // Nobody can say where the log begins. The newest descriptor that looks
      // like one is where it ends.
      report.isSalvaged = true
      guard let newest = newest(in: memory) else { return report }
      first = (newest &- (count - 1)) & Self.idMask
      left = count
    }
    while left > 0 {
      guard misses < Self.mostMisses else {
        report.damaged &+= left
        break
      }
      guard take(first, in: memory, &report, &visitor) else {
        report.endedEarly = true
        break
      }
      first = (first &+ 1) & Self.idMask
      left -= 1
    }
    return report
  }

  /// Hands on the message of a descriptor; false when there were enough.
  private mutating func take<
    M: PhysicalMemory & ~Copyable,
    Visitor: LogVisitor & ~Copyable
  >(
    _ id: UInt64,
    in memory: borrowing M,
    _ report: inout LogReport,
    _ visitor: inout Visitor
  ) -> Bool {
    do throws(LogError) {
      let (word, block) = try descriptor(id % count, in: memory)
      guard word & Self.idMask == id else {
        // What a salvage looks for need not be there.
        if !report.isSalvaged { report.damaged += 1 }
        return true
      }
      switch State(rawValue: word >> Self.idBits) {
      case .committed, .finalized: break
      case .reserved:
        report.unfinished += 1
        return true
      case .reusable, nil: return true
      }
      var (record, length) = try record(id % count, in: memory)
      let isEmpty = block.begin & 1 != 0
      if isEmpty { record.missing = block.begin == 3 ? .empty : .lost }
      guard let text = isEmpty ? (0, 0) : range(block, length) else {
        report.damaged += 1
        return true
      }
      let start = try data.place(of: text.0, text.1, &space, in: memory)
      misses = 0
      report.records += 1
      let bytes = data.bytes.extracting(start..<start + text.1)
      return visitor.visit(record, bytes)
    } catch {
      misses += 1
      report.damaged += 1
      return true
    }
  }

  /// Where in the ring a block's text is, and how long; nil for positions
  /// that no block can have.
  private func range(
    _ block: Block,
    _ length: Int
  ) -> (UInt64, Int)? {
    let size: UInt64 = 1 << sizeBits
    let from = block.begin & (size - 1)
    let to = block.next & (size - 1)
    let turns = (block.next >> sizeBits) &- (block.begin >> sizeBits)
    let last: UInt64 = .max >> sizeBits
    let (start, room): (UInt64, UInt64)
    if turns == 0, from < to {
      (start, room) = (from, to - from)
    } else if turns & last == 1 {
      // Whatever ends where the ring does wraps around until v6.18 or so,
      // and then has something behind the start; later it does not wrap.
      (start, room) = to == 0 ? (from, size - from) : (0, to)
    } else {
      return nil
    }
    // The descriptor's number in front of the text is not compared: a
    // message without its number is still one.
    guard room >= 8 else { return nil }
    return (start + 8, Int(min(UInt64(length), room - 8)))
  }

  private mutating func descriptor<M: PhysicalMemory & ~Copyable>(
    _ index: UInt64,
    in memory: borrowing M
  ) throws(LogError) -> (word: UInt64, Block) {
    let size = layout.descriptorSize
    let offset = index * UInt64(size)
    let place = try descriptors.place(of: offset, size, &space, in: memory)
    let reader = ByteReader(descriptors.bytes)
    return (
      reader.u64(place + layout.state),
      Block(
        begin: reader.u64(place + layout.begin),
        next: reader.u64(place + layout.next)
      )
    )
  }

  private mutating func record<M: PhysicalMemory & ~Copyable>(
    _ index: UInt64,
    in memory: borrowing M
  ) throws(LogError) -> (LogRecord, Int) {
    let size = layout.infoSize
    let offset = index * UInt64(size)
    let place = try infos.place(of: offset, size, &space, in: memory)
    let reader = ByteReader(infos.bytes)
    let length = reader.u16(place + layout.textLength)
    var record = LogRecord(
      sequence: reader.u64(place + layout.sequence),
      time: reader.u64(place + layout.time),
      isContinuation: false,
      caller: reader.u32(place + layout.caller)
    )
    if layout.hasLevel {
      record.facility = reader.u8(place + layout.textLength + 2)
      record.takeMarks(reader.u8(place + layout.textLength + 3))
    }
    return (record, Int(length))
  }

  /// The highest number of a descriptor that has been written and is where
  /// its number says.
  private mutating func newest<M: PhysicalMemory & ~Copyable>(
    in memory: borrowing M
  ) -> UInt64? {
    var newest: UInt64?
    for index in 0..<count {
      guard misses < Self.mostMisses else { break }
      guard let (word, _) = try? descriptor(index, in: memory) else {
        misses += 1
        continue
      }
      misses = 0
      let id = word & Self.idMask
      switch State(rawValue: word >> Self.idBits) {
      case .committed, .finalized: break
      case .reserved, .reusable, nil: continue
      }
      guard id % count == index else { continue }
      newest = max(newest ?? 0, id)
    }
    return newest
  }
}

extension LogRecord {
  /// Takes the byte that has the flags (LOG_CONT is 8) in its low five bits
  /// and the level in the others.
  mutating func takeMarks(_ byte: UInt8) {
    level = byte >> 5
    isContinuation = byte & 8 != 0
  }
}
