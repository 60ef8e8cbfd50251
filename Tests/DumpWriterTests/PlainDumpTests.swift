// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Memory
import PageClasses
import Rescue
import SyntheticVMCore
import Testing
import VMCore

/// What a capture kernel writes of machines that never ran.
@Suite struct PlainDumpTests {
  private static let id = RescueID(bytes: InlineArray<16, UInt8> { UInt8($0) })
  private static let size = 24 << 20

  /// A log, pages of all classes, noise in most of them and zeroes in others.
  private static func vmcore(seed: UInt64) -> SyntheticVMCore {
    var machine = SyntheticMachine()
    machine.era = .v6_1
    machine.memory = [.init(0x1000..<0x9_f000), .init(0x10_0000..<0x400_0000)]
    machine.contents = [
      .init(0x2000, 700, .kernel), .init(0x3000, 100, .anonymous),
      .init(0x3100, 70, .cache), .init(0x3280, 200, .slab),
    ]
    var vmcore = machine.build()
    vmcore.writeLog(SyntheticLogs.short)
    var random = SeededGenerator(seed: seed)
    for first in [0x2000, 0x3280] as [UInt64] {
      for frame in first..<first + 0x2c0 where frame % 7 > 0 {
        for place in 0..<64 as Range<UInt64> {
          vmcore.store64(random.next(), physical: frame << 12 + place * 64)
        }
      }
    }
    return vmcore
  }

  private static let first = vmcore(seed: 1)
  private static let second = vmcore(seed: 2)

  private struct Outcome {
    var isWritten = false
    var isEnded = false
    var frames: UInt64 = 0
    var left: UInt64 = 0
    var cut: DumpStage?
    var byteCount: UInt64 = 0
  }

  /// Saves a dump on a disk.
  private static func save(
    _ vmcore: SyntheticVMCore,
    on platter: LosingDisk.Platter,
    room: UInt64 = .max,
    lent: [FrameRange] = [],
    frames: UInt64 = .max
  ) throws -> Outcome {
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    let layout = KernelLayout(info)
    let whole = DumpPlan(core, try #require(DumpLevel(31)))
    var plan = try #require(whole)
    try plan.classify(core, layout)
    for run in lent { _ = plan.leaveOut(lent: run) }
    let facts = try KernelFacts(core, info, layout)
    plan.order.find(core, info, layout, facts.notes)
    let area = try #require(RescueArea(id: id, size: UInt64(size)))
    let sink = try DumpArea.begin(
      on: LosingDisk(platter: platter),
      area,
      time: 1_700_000_000
    )
    let most = min(room, sink.room)
    var dump = try PlainDump.write(core, plan, facts, to: sink, room: most) {
      $0 < frames
    }
    var outcome = Outcome()
    outcome.isWritten = dump.isWritten
    outcome.frames = dump.frames
    outcome.left = dump.left
    outcome.cut = dump.cut
    outcome.byteCount = dump.byteCount
    if dump.isWritten {
      outcome.isEnded = dump.sink.end(isCut: dump.left > 0)
    }
    return outcome
  }

  /// What `oldmem rescue-read` would give out.
  private static func file(
    _ disk: [UInt8],
    _ shop: Workshop,
    _ name: String
  ) throws -> RescueArea.Saved? {
    let head = Array(disk[..<RescueArea.headSize])
    let area = try RescueArea(head.span)
    let start = Int(area.dumpPlace.lowerBound)
    let bytes = disk[start..<start + Int(area.dump.count)]
    try Data(bytes).write(to: URL(filePath: shop.path + name))
    return area.dump
  }

  /// How many frames of a file are the vmcore's, and how many are others.
  private static func compare(
    _ path: String,
    _ vmcore: SyntheticVMCore
  ) throws -> (right: UInt64, wrong: UInt64) {
    let dump = try KdumpFile(path: path)
    var (right, wrong) = (0 as UInt64, 0 as UInt64)
    for frame in 0..<dump.frameCount where dump.dumps(FrameNumber(frame)) {
      // An error, as for a place behind the file's end, is no wrong page.
      guard let page = try? dump.page(FrameNumber(frame)) else { continue }
      if try page == vmcore.page(FrameNumber(frame)) {
        right += 1
      } else {
        wrong += 1
      }
    }
    return (right, wrong)
  }

  @Test func aWholeDumpHasEachPageAndMakedumpfileReadsIt() throws {
    let vmcore = Self.first
    let shop = try Workshop()
    let platter = LosingDisk.Platter(size: Self.size)
    let outcome = try Self.save(vmcore, on: platter)
    #expect(outcome.isEnded)
    #expect(outcome.left == 0)
    let saved = try #require(try Self.file(platter.bytes, shop, "ours"))
    #expect(saved.state == .complete)
    #expect(saved.count == outcome.byteCount)
    #expect(saved.time == 1_700_000_000)
    let found = try Self.compare(shop.path + "ours", vmcore)
    #expect(found.wrong == 0)
    #expect(found.right == outcome.frames)
    // The same frames as the dump that threads write.
    let theirs = try shop.dump(vmcore, "threads", level: 31, .none)
    #expect(theirs.frames == outcome.frames)
    #expect(theirs.bytes == outcome.byteCount)
    try shop.makedumpfile("-d", "31", "ours", "again")
    try shop.makedumpfile("--dump-dmesg", "ours", "log")
    #expect(try shop.bytes("log").starts(with: Array("[    1.0".utf8)))
  }

  @Test(arguments: [200_000, 700_000, 2_000_000] as [UInt64])
  func whereThereIsLittleRoomTheFirstFramesAreThere(room: UInt64) throws {
    let vmcore = Self.first
    let shop = try Workshop()
    let platter = LosingDisk.Platter(size: Self.size)
    let outcome = try Self.save(vmcore, on: platter, room: room)
    #expect(outcome.isEnded)
    #expect(outcome.byteCount <= room)
    #expect(outcome.left > 0)
    let saved = try #require(try Self.file(platter.bytes, shop, "ours"))
    #expect(saved.state == .cut)
    let found = try Self.compare(shop.path + "ours", vmcore)
    #expect(found.wrong == 0)
    #expect(found.right == outcome.frames)
  }

  @Test func whatThereWasNoTimeForIsAbsent() throws {
    let vmcore = Self.first
    let shop = try Workshop()
    let platter = LosingDisk.Platter(size: Self.size)
    let outcome = try Self.save(vmcore, on: platter, frames: 300)
    #expect(outcome.isEnded)
    #expect(outcome.cut != nil)
    _ = try Self.file(platter.bytes, shop, "ours")
    let found = try Self.compare(shop.path + "ours", vmcore)
    #expect(found.wrong == 0)
    #expect(found.right == outcome.frames)
    // DUMP_DH_COMPRESSED_INCOMPLETE.
    #expect(try shop.bytes("ours")[424] & 8 == 8)
  }

  @Test func lentFramesAreNotInIt() throws {
    let vmcore = Self.first
    let shop = try Workshop()
    let platter = LosingDisk.Platter(size: Self.size)
    let lent = FrameRange(start: FrameNumber(0x2010), count: 50)
    _ = try Self.save(vmcore, on: platter, lent: [lent])
    _ = try Self.file(platter.bytes, shop, "ours")
    let dump = try KdumpFile(path: shop.path + "ours")
    for frame in 0x2000..<0x2060 as Range<UInt64> {
      let number = FrameNumber(frame)
      #expect(dump.dumps(number) == !lent.contains(number))
    }
  }

  /// On a disk with a dump of another crash of the same machine: nothing of
  /// that one may be taken for this one's.
  @Test func aDiskThatLosesPowerHasNoWrongPage() throws {
    let shop = try Workshop()
    let platter = LosingDisk.Platter(size: Self.size)
    _ = try Self.save(Self.first, on: platter)
    platter.startOver()
    _ = try Self.save(Self.second, on: platter)
    var random = SeededGenerator(seed: 1)
    var readable = 0
    for round in 0..<80 {
      let moment =
        round < 8 ? round : Int(random.next() % UInt64(platter.moments))
      let disk = platter.bytes(lostAt: moment, &random)
      let saved = try #require(try Self.file(disk, shop, "file"))
      if saved.state == .complete {
        // Power was gone before the header's first new sector had arrived, or
        // after its last one had.
        let crash = round < 8 ? Self.first : Self.second
        #expect(try Self.compare(shop.path + "file", crash).wrong == 0)
        continue
      }
      #expect(saved.state == .writing)
      guard try shop.bytes("file").starts(with: Array("KDUMP".utf8)) else {
        continue
      }
      readable += 1
      #expect(try Self.compare(shop.path + "file", Self.second).wrong == 0)
    }
    #expect(readable > 40)
  }

  @Test func aDiskWithoutRoomTakesNone() throws {
    let area = try #require(RescueArea(id: Self.id, size: 15 << 20))
    let platter = LosingDisk.Platter(size: 15 << 20)
    #expect(throws: NoRoom.self) {
      let sink = try DumpArea.begin(
        on: LosingDisk(platter: platter),
        area,
        time: 0
      )
      _ = consume sink
    }
    #expect(platter.moments == 0)
    #expect(throws: NoRoom.self) {
      try Self.save(
        Self.first,
        on: LosingDisk.Platter(size: Self.size),
        room: 20_000
      )
    }
  }
}
