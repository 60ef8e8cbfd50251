// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Foundation
import Memory
import TestPrograms
import Testing

/// Old memory that a test made; frames that are not in it cannot be read.
private struct FakeMemory: PhysicalMemory {
  var frames = [UInt64: [UInt8]]()

  func read(
    _ address: PhysicalAddress,
    into bytes: inout MutableRawSpan
  ) throws(MemoryError) {
    for index in 0..<bytes.byteCount {
      let place = address.value + UInt64(index)
      guard let frame = frames[place / 4096] else {
        throw .notCovered(PhysicalAddress(place))
      }
      bytes.storeBytes(
        of: frame[Int(place % 4096)],
        toByteOffset: index,
        as: UInt8.self
      )
    }
  }
}

/// Two parts and a bit, held from frame 100 on among others.
private struct Holding {
  static let partSize = 3 * HeldPage.room + 5
  let page = HeldPage(id: 7, key: 0x1234_5678_9abc_def0)
  let content: [UInt8]
  let record: HeldRecord
  var memory = FakeMemory()

  init() throws {
    let content = (0..<(2 * Self.partSize + 17)).map { UInt8($0 * 7 % 251) }
    self.content = content
    let starts = stride(from: 0, to: content.count, by: Self.partSize)
    let parts = starts.map {
      Array(content[$0..<min($0 + Self.partSize, content.count)])
    }
    var pages = [[UInt8]]()
    for part in parts {
      for start in stride(from: 0, to: part.count, by: HeldPage.room) {
        let end = min(start + HeldPage.room, part.count)
        pages.append(
          Self.page(page, Array(part[start..<end]), pages.count)
        )
      }
    }
    // The first three lie together, the others elsewhere.
    let runs = [
      FrameRange(start: FrameNumber(100), count: 3),
      FrameRange(start: FrameNumber(60), count: UInt64(pages.count) - 3),
    ]
    record = try HeldRecord(
      page: page,
      partSize: UInt32(Self.partSize),
      byteCount: UInt64(content.count),
      digests: parts.map { Digest(of: $0.span) },
      runs: runs
    )
    for frame in 0..<UInt64(200) where frame != 150 {
      memory.frames[frame] = (0..<4096).map { UInt8(truncatingIfNeeded: $0) }
    }
    let frames = runs.flatMap { $0.start.value..<$0.end.value }
    for (page, frame) in zip(pages, frames) { memory.frames[frame] = page }
  }

  static func page(
    _ page: HeldPage,
    _ content: [UInt8],
    _ index: Int
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xee, count: 4096)
    var span = bytes.mutableSpan
    page.write(content.span, index: UInt32(index), to: &span)
    return bytes
  }

  var stage: HeldStage<FakeMemory> {
    HeldStage(
      record,
      in: memory,
      frames: [
        FrameRange(start: FrameNumber(0), count: 150),
        FrameRange(start: FrameNumber(150), count: 50),
      ]
    )
  }

  /// What the parts give, and how the first one that cannot be had ended;
  /// `searches` for pages that have moved are made first.
  func read(
    _ stage: consuming HeldStage<FakeMemory>,
    searches: Int = 0
  ) -> (bytes: [UInt8], end: HeldStage<FakeMemory>.Opening) {
    var bytes = [UInt8]()
    var left = searches
    for part in 0..<record.partCount {
      var opening = stage.open(part)
      while opening == .moved, left > 0 {
        left -= 1
        stage.beginSearch()
        while stage.search() {}
        opening = stage.open(part)
      }
      guard opening == .ready else { return (bytes, opening) }
      var room = [UInt8](repeating: 0, count: 1000)
      while true {
        var span = room.mutableSpan
        let count = stage.read(into: &span)
        if count == 0 { break }
        bytes += room[..<count]
      }
    }
    return (bytes, .ready)
  }
}

@Suite struct HeldStageTests {
  @Test func whatIsHeldIsFoundByItsFrames() throws {
    let holding = try Holding()
    let (bytes, end) = holding.read(holding.stage)
    #expect(end == .ready)
    let isAll = bytes == holding.content
    #expect(isAll)
  }

  @Test func pagesThatMovedAreFoundByWhatIsInThem() throws {
    var holding = try Holding()
    // One moves next to a frame that cannot be read.
    holding.memory.frames[149] = holding.memory.frames[100]
    holding.memory.frames[180] = holding.memory.frames[62]
    holding.memory.frames[100] = nil
    holding.memory.frames[62] = [UInt8](repeating: 0, count: 4096)
    #expect(holding.read(holding.stage).end == .moved)
    let (bytes, end) = holding.read(holding.stage, searches: 1)
    #expect(end == .ready)
    let isAll = bytes == holding.content
    #expect(isAll)
  }

  @Test func pagesThatAreGoneAreMissedAfterAnySearch() throws {
    var holding = try Holding()
    holding.memory.frames[61]?[2000] ^= 1
    let (bytes, end) = holding.read(holding.stage, searches: 3)
    #expect(end == .moved)
    let isFirst = bytes == Array(holding.content.prefix(Holding.partSize))
    #expect(isFirst)
  }

  @Test func whoKnowsTheKeyCanOnlyMakeAPartMissing() throws {
    var holding = try Holding()
    var content = Array(holding.content.prefix(HeldPage.room))
    content[9] ^= 1
    holding.memory.frames[100] = Holding.page(holding.page, content, 0)
    let (bytes, end) = holding.read(holding.stage, searches: 1)
    #expect(end == .wrong)
    #expect(bytes.count == 0)
  }

  @Test func pagesOfAnotherHoldingAreNotTaken() throws {
    var holding = try Holding()
    let content = Array(holding.content.prefix(HeldPage.room))
    for other in [
      HeldPage(id: 8, key: holding.page.key), HeldPage(id: 7, key: 1),
    ] {
      holding.memory.frames[100] = Holding.page(other, content, 0)
      holding.memory.frames[170] = holding.memory.frames[100]
      #expect(holding.read(holding.stage, searches: 1).end == .moved)
    }
  }

  @Test func aPageSaysHowMuchItHoldsAndNoMore() throws {
    var holding = try Holding()
    // The last page of the first part, too long by one byte, with a checksum
    // that fits.
    let end = Array(holding.content[(3 * HeldPage.room)..<Holding.partSize])
    holding.memory.frames[60] = Holding.page(holding.page, end + [1], 3)
    #expect(holding.read(holding.stage).end == .wrong)
  }

  @Test func noBytesOfAPageCanBeHeldAgainstUs() throws {
    let holding = try Holding()
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var damaged = holding
      for _ in 0..<4 {
        let frame = UInt64.random(in: 60..<64, using: &generator)
        let place = Int.random(in: 0..<64, using: &generator)
        damaged.memory.frames[frame]?[place] = .random(in: 0...255)
      }
      let (bytes, end) = damaged.read(damaged.stage, searches: 1)
      let isAll = bytes == holding.content
      #expect(end != .ready || isAll)
    }
  }
}

@Suite struct HeldRecordTests {
  @Test func readsBackWhatItWrites() throws {
    let record = try Holding().record
    let bytes = record.bytes
    #expect(try HeldRecord(bytes.span) == record)
    #expect(bytes.count == 48 + 3 * 32 + 2 * 16 + 8)
    #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "OLDMEMH1")
  }

  @Test func anyDamagedByteIsNoticed() throws {
    let bytes = try Holding().record.bytes
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x40
      #expect(throws: HeldRecordError.self) { try HeldRecord(damaged.span) }
    }
  }

  @Test func anyLengthIsRefusedButItsOwn() throws {
    let bytes = try Holding().record.bytes
    for count in 0..<bytes.count {
      #expect(throws: HeldRecordError.self) {
        try HeldRecord(bytes.span.extracting(0..<count))
      }
    }
    let longer = bytes + bytes
    #expect(throws: HeldRecordError.self) { try HeldRecord(longer.span) }
  }

  @Test(arguments: [0, 6, 8, 1 << 20] as [UInt64])
  func framesMustBeAsManyAsPages(count: UInt64) throws {
    let record = try Holding().record
    #expect(record.pageCount == 9)
    #expect(throws: HeldRecordError.badSizes) {
      try HeldRecord(
        page: record.page,
        partSize: record.partSize,
        byteCount: record.byteCount,
        digests: record.digests,
        runs: [FrameRange(start: FrameNumber(1), count: count)]
      )
    }
  }

  @Test func theDigestIsThatOfSha256sum() throws {
    let text = Array("held\n".utf8)
    let output = try ProgramRun.bash("printf 'held\\n' | sha256sum", in: "/")
    let digest = Digest(of: text.span)
    let digits = (0..<32).map { index in
      let text = String(digest.bytes[index], radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    #expect(output.hasPrefix(digits.joined() + " "))
  }
}
