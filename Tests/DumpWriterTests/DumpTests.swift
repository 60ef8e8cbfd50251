// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import DumpWriter
import KdumpFile
import Memory
import Rescue
import SyntheticVMCore
import Testing
import VMCore

/// Dumps of machines that never ran, judged by makedumpfile.
@Suite struct DumpTests {
  /// A machine with pages of all sorts that makedumpfile 1.7.2 knows in every
  /// kernel: no large folios.
  private static func machine(_ era: KernelEra) -> SyntheticMachine {
    var machine = SyntheticMachine()
    machine.era = era
    machine.kaslr = .example
    machine.memory = [.init(0x1000..<0x9_f000), .init(0x10_0000..<0x400_0000)]
    machine.crashKernel = 0x380_0000..<0x3c0_0000
    machine.contents = [
      .init(0x3000, 100, .anonymous), .init(0x3100, 70, .cache),
      .init(0x3180, 9, .cachePrivate), .init(0x3200, 5, .offline),
      .init(0x3240, 30, .kernel), .init(0x3280, 3, .slab),
      .init(0x3290, 2, .hwpoison),
    ]
    return machine
  }

  private static func vmcore(_ era: KernelEra) -> SyntheticVMCore {
    var vmcore = machine(era).build()
    vmcore.writeLog(SyntheticLogs.short)
    // Some pages with something in them, of which some get no shorter.
    var random = SeededGenerator(seed: 7)
    for frame in 0x3000..<0x3300 as Range<UInt64> where frame % 3 > 0 {
      for place in 0..<512 as Range<UInt64> {
        vmcore.store64(
          frame % 3 == 1 ? random.next() : frame,
          physical: frame << 12 + place * 8
        )
      }
    }
    return vmcore
  }

  /// The head, both bitmaps and what is said of pages but for their places.
  @Test(arguments: [KernelEra.v4_18, .v5_10, .v6_1], [31, 17, 8, 4, 2, 1, 0])
  func theHeadAndTheBitmapsAreMakedumpfiles(
    era: KernelEra,
    level: Int
  ) throws {
    let vmcore = Self.vmcore(era)
    let shop = try Workshop()
    try vmcore.write(to: shop.path + "vmcore")
    try shop.makedumpfile("-c", "-d", "\(level)", "vmcore", "theirs")
    let result = try shop.dump(vmcore, "ours", level: level)
    let (ours, theirs) = (try shop.bytes("ours"), try shop.bytes("theirs"))
    let dump = try KdumpFile(path: shop.path + "ours")
    #expect(dump.dumpedCount == Int(result.frames))
    let end = Int(dump.descriptions)
    let different = (0..<end).filter { ours[$0] != theirs[$0] }
    #expect(different == [])
  }

  /// makedumpfile reads it all, and makes a file of it that is not compressed.
  @Test(arguments: [KdumpHeader.Compression.zlib, .none], [31, 1, 0])
  func makedumpfileFindsEachPageInIt(
    compression: KdumpHeader.Compression,
    level: Int
  ) throws {
    let vmcore = Self.vmcore(.v6_1)
    let shop = try Workshop()
    _ = try shop.dump(vmcore, "ours", level: level, compression)
    try shop.makedumpfile("-d", "\(level)", "ours", "plain")
    try shop.makedumpfile("--dump-dmesg", "ours", "log")
    #expect(try shop.bytes("log").starts(with: Array("[    1.0".utf8)))
    let dump = try KdumpFile(path: shop.path + "ours")
    let plain = try KdumpFile(path: shop.path + "plain")
    var different: [UInt64] = []
    for frame in 0..<dump.frameCount where dump.dumps(FrameNumber(frame)) {
      let page = try plain.page(FrameNumber(frame))
      let wanted = try vmcore.page(FrameNumber(frame))
      if page != wanted { different.append(frame) }
    }
    #expect(dump.dumpedCount > 500)
    #expect(different == [])
  }

  @Test(arguments: [31, 1, 0]) func anElfFileHasEachPage(level: Int) throws {
    let vmcore = Self.vmcore(.v6_1)
    let shop = try Workshop()
    _ = try shop.dump(vmcore, "elf", level: level, elf: true)
    _ = try shop.dump(vmcore, "kdump", level: level)
    let dump = try KdumpFile(path: shop.path + "kdump")
    let elf = try shop.bytes("elf")
    try compare(elf, vmcore, dump)
    // It says of its kernel what the vmcore says.
    let core = try CoreFile(FileBytes(bytes: elf))
    #expect(try core.vmcoreInfo().text == CoreFile(vmcore).vmcoreInfo().text)
    // And nothing is in it that the dump has not.
    var count: UInt64 = 0
    for segment in core.loads.segments { count += segment.byteCount }
    #expect(count == UInt64(dump.dumpedCount) * 4096)
  }

  /// Compares each frame that `dump` has.
  private func compare(
    _ elf: [UInt8],
    _ vmcore: SyntheticVMCore,
    _ dump: KdumpFile
  ) throws {
    let core = try CoreFile(FileBytes(bytes: elf))
    var different: [UInt64] = []
    for frame in 0..<dump.frameCount where dump.dumps(FrameNumber(frame)) {
      let wanted = try vmcore.page(FrameNumber(frame))
      var found = ByteBuffer(count: Frame.size)
      var raw = found.mutableBytes
      try core.read(PhysicalAddress(frame << 12), into: &raw)
      let same = found.bytes.withUnsafeBytes { $0.elementsEqual(wanted) }
      if !same { different.append(frame) }
    }
    #expect(dump.dumpedCount > 500)
    #expect(different == [])
  }

  @Test func whatWasLentIsNeverInIt() throws {
    let vmcore = Self.vmcore(.v6_1)
    let shop = try Workshop()
    let lent = FrameRange(start: FrameNumber(0x3010), count: 50)
    _ = try shop.dump(vmcore, "ours", level: 0, lent: [lent])
    let dump = try KdumpFile(path: shop.path + "ours")
    for frame in 0x3000..<0x3060 as Range<UInt64> {
      let number = FrameNumber(frame)
      #expect(dump.exists(number))
      #expect(dump.dumps(number) == !lent.contains(number))
    }
  }

  /// A page that a free block has, and that somebody uses all the same.
  @Test func aPageThatContradictsItsBlockIsDumped() throws {
    var vmcore = Self.vmcore(.v6_1)
    let block = try #require(vmcore.freeBlocks.first { $0.frames.count > 8 })
    let odd = FrameNumber(block.frames.start.value + 3)
    vmcore.setPage(odd, .pageTable)
    let shop = try Workshop()
    _ = try shop.dump(vmcore, "ours", level: 31)
    let dump = try KdumpFile(path: shop.path + "ours")
    #expect(dump.dumps(odd))
    #expect(!dump.dumps(FrameNumber(odd.value + 1)))
  }
}

enum SyntheticLogs {
  static var short: SyntheticLog {
    var log = SyntheticLog()
    log.messages = (0..<3).map {
      SyntheticLog.Message("message \($0)", at: UInt64($0 + 1) * 1_000_000_000)
    }
    return log
  }
}
