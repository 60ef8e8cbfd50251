// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A kernel's log as it is written message by message, in a ring since v5.10,
/// in a buffer of records before.
public struct SyntheticLog: Sendable {
  /// log2 of the descriptors of a ring.
  public var countBits = 5
  /// log2 of the bytes of text.
  public var sizeBits = 11
  /// The number of the first descriptor that is written.
  public var firstID: UInt64 = (1 << 62) - 40
  /// Whether a block may end where the ring does, as since v6.18.
  public var fillsEnd = false
  /// What was written, in this order; older messages make room for newer ones.
  public var messages: [Message] = []

  /// An empty log.
  public init() {}

  /// One message.
  public struct Message: Sendable {
    /// Its text, which may be anything.
    public var text: [UInt8]
    /// Nanoseconds.
    public var time: UInt64
    /// 0 to 7.
    public var level: UInt8 = 6
    /// 0 for the kernel.
    public var facility: UInt8 = 0
    /// LOG_NEWLINE is 2, LOG_CONT is 8.
    public var flags: UInt8 = 2
    /// A thread, or a processor with bit 31.
    public var caller: UInt32 = 1
    /// How far the writer came.
    public var state = State.finalized
    /// Whether there is a block for the text.
    public var block = Block.written

    /// A message of the kernel's, written in full.
    public init(_ text: String, at time: UInt64) {
      self.text = Array(text.utf8)
      self.time = time
    }
  }

  /// The state of a descriptor, by its number.
  public enum State: UInt64, Sendable {
    /// Being written.
    case reserved
    /// Written, and may be continued.
    case committed
    /// Written.
    case finalized
    /// Nobody's.
    case reusable
  }

  /// Where a message has its text.
  public enum Block: Sendable {
    /// In a block of the ring.
    case written
    /// Nowhere: there was no room (FAILED_LPOS).
    case failed
    /// Nowhere: there is none (EMPTY_LINE_LPOS).
    case empty
  }
}

/// A word of a log, to be broken.
public enum LogWord: Sendable {
  /// prb_desc_ring.head_id, or log_next_idx
  case head
  /// prb_desc_ring.tail_id, or log_first_idx
  case tail
  /// count_bits and 4 bytes behind it
  case countBits
  /// size_bits and 4 bytes behind it, or log_buf_len
  case sizeBits
  /// The pointer to the descriptors
  case descriptors
  /// The pointer to what is said of messages
  case infos
  /// The pointer to the text, or log_buf
  case data
  /// state_var of the descriptor with this index
  case state(Int)
  /// text_blk_lpos.begin of the descriptor with this index
  case begin(Int)
  /// text_blk_lpos.next of the descriptor with this index
  case next(Int)
  /// The word that begins with text_len
  case length(Int)
  /// Eight bytes of the text, or of the records, at this offset
  case text(Int)
}

extension SyntheticVMCore {
  typealias Image = MachineBuilder.Image

  private var isRing: Bool { machine.era > .v4_18 }
  private var logInfoSize: UInt64 { machine.era >= .v7_1 ? 112 : 88 }
  private var textRing: UInt64 { machine.era == .v5_10 ? 40 : 48 }

  private func place(_ offset: UInt64) -> UInt64 {
    machine.textPhysical + offset
  }

  /// Where `word` is in physical memory.
  func logPlace(_ word: LogWord) -> UInt64 {
    let ring = Image.printk + 0x80
    func descriptor(_ index: Int, _ offset: UInt64) -> UInt64 {
      Image.logDescriptors + UInt64(index) * 24 + offset
    }
    let offset: UInt64
    switch word {
    case .head: offset = isRing ? ring + 24 : Image.printk + 0x20
    case .tail: offset = isRing ? ring + 32 : Image.printk + 0x10
    case .countBits: offset = ring
    case .sizeBits: offset = isRing ? ring + textRing : Image.printk + 0x8
    case .descriptors: offset = ring + 8
    case .infos: offset = ring + 16
    case .data: offset = isRing ? ring + textRing + 8 : Image.printk
    case .state(let index): offset = descriptor(index, 0)
    case .begin(let index): offset = descriptor(index, 8)
    case .next(let index): offset = descriptor(index, 16)
    case .length(let index):
      offset = Image.logInfos + UInt64(index) * logInfoSize + 16
    case .text(let start): offset = Image.logText + UInt64(start)
    }
    return place(offset)
  }

  /// The word's value.
  public func logWord(_ word: LogWord) -> UInt64 {
    memory.load64(at: logPlace(word))
  }

  /// Gives the word another value.
  public mutating func setLogWord(_ word: LogWord, _ value: UInt64) {
    memory.store64(value, at: logPlace(word))
  }

  /// Writes a log, as the kernel of the machine's time would have.
  public mutating func writeLog(_ log: SyntheticLog) {
    precondition(log.sizeBits <= 16 && log.countBits <= 8)
    if isRing { writeRing(log) } else { writeBuffer(log) }
  }

  private mutating func writeRing(_ log: SyntheticLog) {
    let text = machine.textVirtual
    memory.store64(text + Image.printk + 0x80, at: place(Image.printk))
    setLogWord(.countBits, UInt64(log.countBits))
    setLogWord(.sizeBits, UInt64(log.sizeBits))
    setLogWord(.descriptors, text + Image.logDescriptors)
    setLogWord(.infos, text + Image.logInfos)
    setLogWord(.data, text + Image.logText)
    var ring = RingWriter(log)
    let count = 1 << log.countBits
    // What the kernel is born with: all reusable, the last one the newest.
    for index in 0..<count {
      let id = ring.mask(ring.head &- UInt64(count - 1 - index))
      set(id, .reusable, 1, 1, count)
    }
    for message in log.messages {
      let block = ring.add(message)
      for id in block.freed {
        let word = UInt64(3) << 62 | id
        setLogWord(.state(Int(id % UInt64(count))), word)
      }
      set(ring.head, message.state, block.begin, block.next, count)
      if message.block == .written {
        let start = block.start
        memory.store(
          littleEndian(ring.head) + message.text,
          at: place(Image.logText + start)
        )
      }
      let info = place(
        Image.logInfos + ring.head % UInt64(count) * logInfoSize
      )
      memory.store64(block.sequence, at: info)
      memory.store64(message.time, at: info + 8)
      let length = UInt16(truncatingIfNeeded: message.text.count)
      memory.store(
        littleEndian(length)
          + [message.facility, message.flags | message.level << 5]
          + littleEndian(message.caller),
        at: info + 16
      )
    }
    setLogWord(.head, ring.head)
    setLogWord(.tail, ring.tail)
  }

  private mutating func set(
    _ id: UInt64,
    _ state: SyntheticLog.State,
    _ begin: UInt64,
    _ next: UInt64,
    _ count: Int
  ) {
    let index = Int(id % UInt64(count))
    setLogWord(.state(index), state.rawValue << 62 | id)
    setLogWord(.begin(index), begin)
    setLogWord(.next(index), next)
  }

  private mutating func writeBuffer(_ log: SyntheticLog) {
    let length = 1 << log.sizeBits
    var (first, next, isWrapped) = (0, 0, false)
    var bytes = [UInt8](repeating: 0, count: length)
    func size(_ index: Int) -> Int {
      Int(bytes[index + 8]) | Int(bytes[index + 9]) << 8
    }
    /// Forgets the oldest record.
    func drop() {
      first += size(first)
      if first > length - 16 || size(first) == 0 {
        first = 0
        isWrapped = false
      }
    }
    for message in log.messages {
      let size = (16 + message.text.count + 3) & ~3
      precondition(size + 16 < length)
      if next + size + 16 > length {
        while isWrapped { drop() }
        bytes.replaceSubrange(
          next..<next + 16,
          with: [UInt8](repeating: 0, count: 16)
        )
        (next, isWrapped) = (0, true)
      }
      while isWrapped, first < next + size + 16 { drop() }
      let header =
        littleEndian(message.time) + littleEndian(UInt16(size))
        + littleEndian(UInt16(message.text.count)) + [0, 0, message.facility]
        + [message.flags | message.level << 5]
      let padding = size - 16 - message.text.count
      let record =
        header + message.text + [UInt8](repeating: 0, count: padding)
      bytes.replaceSubrange(next..<next + size, with: record)
      next += size
    }
    memory.store(bytes, at: place(Image.logText))
    setLogWord(.data, machine.textVirtual + Image.logText)
    setLogWord(.sizeBits, UInt64(length))
    setLogWord(.tail, UInt64(first))
    setLogWord(.head, UInt64(next))
  }
}

/// Where the kernel's ring puts what, and what has to go for it
/// (kernel/printk/printk_ringbuffer.c, data_alloc).
private struct RingWriter {
  struct Place {
    var begin: UInt64 = 1
    var next: UInt64 = 1
    /// Where in the ring the block is.
    var start: UInt64 = 0
    var freed: [UInt64] = []
    var sequence: UInt64 = 0
  }

  let log: SyntheticLog
  var head: UInt64
  var tail: UInt64
  private var textHead: UInt64
  private var live: [(id: UInt64, begin: UInt64, next: UInt64)] = []
  private var sequence: UInt64 = 0

  init(_ log: SyntheticLog) {
    self.log = log
    head = (log.firstID &- 1) & ((1 << 62) - 1)
    tail = head
    // BLK0_LPOS
    textHead = 0 &- (1 << UInt64(log.sizeBits))
  }

  func mask(_ id: UInt64) -> UInt64 { id & ((1 << 62) - 1) }

  mutating func add(_ message: SyntheticLog.Message) -> Place {
    var place = Place()
    let size: UInt64 = 1 << UInt64(log.sizeBits)
    head = mask(head &+ 1)
    if live.count == 1 << log.countBits { free(&place) }
    switch message.block {
    case .failed: (place.begin, place.next) = (1, 1)
    case .empty: (place.begin, place.next) = (3, 3)
    case .written:
      let count = UInt64(8 + (message.text.count + 7) & ~7)
      precondition(count <= size / 2)
      place.begin = textHead
      place.next = textHead &+ count
      place.start = textHead & (size - 1)
      let fits = place.start + count
      if fits > size || fits == size && !log.fillsEnd {
        place.next = (place.next & ~(size - 1)) &+ count
        place.start = 0
      }
      textHead = place.next
      // What lies within a turn behind the new end is overwritten.
      while let oldest = live.first(where: { $0.begin & 1 == 0 }),
        textHead &- oldest.begin > size
      { free(&place) }
    }
    place.sequence = sequence
    sequence += 1
    live.append((head, place.begin, place.next))
    tail = live.first?.id ?? head
    return place
  }

  private mutating func free(_ place: inout Place) {
    place.freed.append(live.removeFirst().id)
  }
}
