// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import DumpWriter
import KdumpFile
import Memory
import Rescue
import SyntheticVMCore
import Testing
import VMCore

/// Dumps that have less room than they want.
@Suite struct BudgetTests {
  /// A log, pages of all classes, and noise in most of them.
  private static func vmcore() -> SyntheticVMCore {
    var machine = SyntheticMachine()
    machine.era = .v6_1
    machine.memory = [.init(0x1000..<0x9_f000), .init(0x10_0000..<0x400_0000)]
    machine.contents = [
      .init(0x3000, 100, .anonymous), .init(0x3100, 70, .cache),
      .init(0x3200, 50, .kernel), .init(0x3280, 20, .slab),
    ]
    var vmcore = machine.build()
    vmcore.writeLog(SyntheticLogs.short)
    var random = SeededGenerator(seed: 7)
    for frame in 0x3000..<0x3300 as Range<UInt64> {
      for place in 0..<512 as Range<UInt64> {
        vmcore.store64(random.next(), physical: frame << 12 + place * 8)
      }
    }
    return vmcore
  }

  private static let budgets: [UInt64] = [
    120_000, 777_777, 2_000_000, 1 << 30,
  ]

  @Test(arguments: budgets)
  func aDumpHasNoMoreBytesAndNoWrongPage(budget: UInt64) throws {
    let vmcore = Self.vmcore()
    let shop = try Workshop()
    let result = try shop.dump(
      vmcore,
      "ours",
      level: 16,
      .none,
      budget: budget
    )
    let bytes = try shop.bytes("ours")
    #expect(UInt64(bytes.count) == result.bytes)
    #expect(result.bytes <= budget)
    // DUMP_DH_COMPRESSED_INCOMPLETE.
    #expect(bytes[424] & 8 == (result.left > 0 ? 8 : 0))
    #expect((result.cut == nil) == (result.left == 0))
    let dump = try KdumpFile(path: shop.path + "ours")
    var (found, different) = (0 as UInt64, 0)
    for frame in 0..<dump.frameCount where dump.dumps(FrameNumber(frame)) {
      guard let page = try dump.page(FrameNumber(frame)) else { continue }
      found += 1
      if try vmcore.page(FrameNumber(frame)) != page { different += 1 }
    }
    #expect(different == 0)
    #expect(found == result.frames)
  }

  @Test(arguments: budgets) func anElfFileToo(budget: UInt64) throws {
    let vmcore = Self.vmcore()
    let shop = try Workshop()
    let result = try shop.dump(
      vmcore,
      "elf",
      level: 0,
      elf: true,
      budget: budget
    )
    let bytes = try shop.bytes("elf")
    #expect(UInt64(bytes.count) == result.bytes)
    #expect(result.bytes <= budget)
    #expect(bytes[48] == (result.left > 0 ? 1 : 0))
    let core = try CoreFile(FileBytes(bytes: bytes))
    var (found, different) = (0 as UInt64, 0)
    for segment in core.loads.segments {
      for offset in stride(from: 0, to: segment.byteCount, by: 4096) {
        let address = PhysicalAddress(segment.physical.value + offset)
        var page = ByteBuffer(count: Frame.size)
        var raw = page.mutableBytes
        try core.read(address, into: &raw)
        let wanted = try vmcore.page(FrameNumber(address.value >> 12))
        found += 1
        let same = page.bytes.withUnsafeBytes { $0.elementsEqual(wanted) }
        if !same { different += 1 }
      }
    }
    #expect(different == 0)
    #expect(found == result.frames)
  }

  /// What the log is read from is there before anything else, and makedumpfile
  /// finds it in a dump that lacks most.
  @Test func theLogComesFirst() throws {
    let vmcore = Self.vmcore()
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    var order = DumpOrder(count: 0x4000)
    order.find(core, info, KernelLayout(info), try core.coreNotes())
    let shop = try Workshop()
    _ = try shop.dump(vmcore, "whole", level: 16)
    try shop.makedumpfile("--dump-dmesg", "whole", "wanted")
    var dumps: [Int] = []
    for budget in stride(from: 120_000, to: 1_200_000, by: 60_000) {
      let name = "cut\(budget)"
      let budget = UInt64(budget)
      let result = try shop.dump(vmcore, name, level: 16, budget: budget)
      guard let cut = result.cut, cut > .log else { continue }
      let dump = try KdumpFile(path: shop.path + name)
      for frame in 0..<dump.frameCount {
        let number = FrameNumber(frame)
        guard order.contains(number, .log) else { continue }
        #expect(dump.dumps(number))
      }
      dumps.append(Int(budget))
      guard (try? shop.makedumpfile("--dump-dmesg", name, "found")) != nil
      else { continue }
      #expect(try shop.bytes("found") == shop.bytes("wanted"))
      return
    }
    Issue.record("no log in any of \(dumps)")
  }

  /// Another makedumpfile does not take what is not there for zeroes.
  @Test func whatIsAbsentIsAnErrorToMakedumpfile() throws {
    let vmcore = Self.vmcore()
    let shop = try Workshop()
    let result = try shop.dump(
      vmcore,
      "cut",
      level: 16,
      .none,
      budget: 777_777
    )
    #expect(result.left > 0)
    #expect(throws: (any Error).self) {
      try shop.makedumpfile("-d", "1", "cut", "again")
    }
  }

  /// Nothing is begun, and nothing replaced, without room for the head.
  @Test func aBudgetWithoutRoomForTheHeadIsRefused() throws {
    let shop = try Workshop()
    #expect(throws: DumpError.self) {
      try shop.dump(Self.vmcore(), "ours", level: 31, budget: 5000)
    }
    #expect(throws: (any Error).self) { try shop.bytes("ours") }
  }
}
