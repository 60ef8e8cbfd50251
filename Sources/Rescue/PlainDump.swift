// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
import PageClasses
public import VMCore

/// A kdump-compressed file whose pages are not compressed, written by one thread
/// through one buffer of 64 KiB: what a capture kernel has memory for.
///
/// At any moment, also if the machine loses power then, what has arrived is a
/// file that is read as far as it goes. First come descriptions that each reader
/// takes for errors (`KdumpHeader.absent`), then bitmaps and head, marked as
/// incomplete; then pages, in order of use, and behind a barrier what says where
/// they are.
///
/// A sink that fails ends it at once; where `tick` says that there is no more
/// time, the file is ended as it is.
public struct PlainDump<Sink: PlacedSink & ~Copyable>: ~Copyable {
  /// Pages whose descriptions wait for a barrier: a MiB.
  static var most: Int { 256 }

  /// Where the file goes.
  public var sink: Sink
  /// Frames that are in the file.
  public internal(set) var frames: UInt64 = 0
  /// Those of them that could not be read, and are zero for that.
  public internal(set) var unreadable: UInt64 = 0
  /// Frames that were wanted and are not in the file: there was no room or no
  /// time for them.
  public private(set) var left: UInt64
  /// In which stage that began; nil where nothing is left.
  public private(set) var cut: DumpStage?
  /// Bytes that the file has.
  public internal(set) var byteCount: UInt64
  /// Whether there was no more time.
  var isOver = false
  /// Whether the sink took all of it.
  public private(set) var isWritten = false

  let header: KdumpHeader
  let ranks: FrameRanks
  /// Where in the file the page is that stands for all zero pages.
  let zeroPage: UInt64
  private var waiting: [(rank: UInt64, place: UInt64)] = []

  /// Writes the frames of `plan`, as many as fit into `room` bytes; `tick` is
  /// told now and then how many frames are written, and false if it wants no
  /// more.
  ///
  /// Throws where there is not even room for head, bitmaps and one page.
  public static func write<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ plan: DumpPlan,
    _ facts: KernelFacts,
    to sink: consuming Sink,
    room: UInt64,
    tick: (UInt64) -> Bool
  ) throws(NoRoom) -> PlainDump {
    let header = KdumpHeader(
      .none,
      level: plan.level.value,
      frames: plan.present.count,
      facts
    )
    let perFrame = UInt64(KdumpHeader.descriptionSize + Frame.size)
    let least = header.descriptions + UInt64(Frame.size)
    guard room >= least + perFrame else { throw NoRoom() }
    let first = plan.first((room - least) / perFrame)
    var dump = PlainDump(
      header,
      FrameRanks(first.frames),
      left: plan.dumped.population,
      cut: first.cut,
      sink
    )
    dump.isWritten =
      dump.begin(plan.present)
      && dump.writeFrames(of: core, plan.order, tick) && dump.end()
    return dump
  }

  private init(
    _ header: KdumpHeader,
    _ ranks: FrameRanks,
    left wanted: UInt64,
    cut: DumpStage?,
    _ sink: consuming Sink
  ) {
    self.header = header
    self.ranks = ranks
    self.sink = sink
    self.cut = cut
    left = wanted - ranks.count
    zeroPage = header.description(ofRank: ranks.count)
    byteCount = zeroPage + UInt64(Frame.size)
  }

  /// Everything before the pages.
  private mutating func begin(_ present: FrameBitmap) -> Bool {
    var rank: UInt64 = 0
    while rank < ranks.count {
      let count = Int(min(ranks.count - rank, 170))
      let bytes = KdumpHeader.absent(count: count)
      guard put(bytes, at: header.description(ofRank: rank)) else {
        return false
      }
      rank += UInt64(count)
    }
    let zeroes = [UInt8](repeating: 0, count: Frame.size)
    guard put(zeroes, at: zeroPage) else { return false }
    let second = header.bitmaps + header.bitmapBlocks * 4096
    guard put(present, at: header.bitmaps), put(ranks.frames, at: second) else {
      return false
    }
    // Only behind all of that it is a dump: its first block says that it is one.
    let head = header.bytes(isComplete: false)
    return put(Array(head[4096...]), at: 4096) && sink.barrier()
      && put(Array(head[..<4096]), at: 0)
  }

  private mutating func writeFrames<Source: ByteSource & ~Copyable>(
    of core: borrowing CoreFile<Source>,
    _ order: DumpOrder,
    _ tick: (UInt64) -> Bool
  ) -> Bool {
    var pages = PageBatch()
    for stage in DumpStage.allCases where order.mayHave(stage) {
      var place = FrameNumber(0)
      while let run = ranks.frames.run(from: place) {
        place = run.start
        while let part = order.next(stage, in: run, from: place) {
          place = part.end
          guard write(part, of: core, &pages, tick) else { return false }
          guard !isOver else {
            left += ranks.count - frames
            cut = stage
            return describe()
          }
        }
        place = run.end
      }
    }
    return describe()
  }

  private mutating func end() -> Bool {
    guard left == 0 else { return sink.barrier() }
    let bytes = header.bytes(isComplete: true)
    return sink.barrier() && put(Array(bytes.prefix(512)), at: 0)
      && sink.barrier()
  }

  /// Remembers where the page is until it can be said in the file.
  mutating func describe(rank: UInt64, at place: UInt64) -> Bool {
    waiting.append((rank, place))
    return waiting.count < Self.most || describe()
  }

  /// Says where the pages are that have been written.
  private mutating func describe() -> Bool {
    guard !waiting.isEmpty else { return true }
    guard sink.barrier() else { return false }
    var index = 0
    while index < waiting.count {
      let first = waiting[index].rank
      var places: [UInt64] = []
      while index < waiting.count,
        waiting[index].rank == first + UInt64(places.count)
      {
        places.append(waiting[index].place)
        index += 1
      }
      let bytes = KdumpHeader.uncompressed(at: places)
      guard put(bytes, at: header.description(ofRank: first)) else {
        return false
      }
    }
    waiting.removeAll(keepingCapacity: true)
    return true
  }

  @inline(never)
  private mutating func put(_ bitmap: FrameBitmap, at offset: UInt64) -> Bool {
    var place = offset
    for block in 0..<bitmap.blockCount {
      guard put(bitmap.bytes(ofBlock: block), at: place) else { return false }
      place += UInt64(FrameBitmap.blockSize)
    }
    return true
  }

  private mutating func put(_ bytes: [UInt8], at offset: UInt64) -> Bool {
    // SAFETY: bytes have no padding that could leak.
    let span = unsafe bytes.span.bytes
    return sink.write(span, at: offset)
  }
}

/// There is no room for what a dump begins with.
public struct NoRoom: Error {}
