// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

import struct SyntheticVMCore.Folio

/// Where a page of struct pages is not in the file, what it told of is not
/// lent, nor is anything that shares a folio or a free block with it; what
/// lies around is judged as ever.
@Suite struct HoleTests {
  static let start: UInt64 = 0x2000

  /// A machine that lacks the struct pages of the 64 frames from `hole` on.
  private func vmcore(
    _ contents: [SyntheticMachine.Contents],
    _ era: KernelEra,
    hole: UInt64
  ) throws -> SyntheticVMCore {
    var machine = SyntheticMachine()
    machine.era = era
    machine.memory = [.init(0x10_0000..<0x300_0000)]
    machine.contents = contents
    let page = machine.build().pageAddress(of: FrameNumber(hole))
    let place = try #require(machine.build().physical(page)).value
    machine.loads = [0x10_0000..<place, place + 4096..<0x300_0000]
    return machine.build()
  }

  private func expect(
    _ vmcore: SyntheticVMCore,
    _ era: KernelEra,
    _ wanted: (UInt64) -> Veto?
  ) throws {
    let policy = try era.policy
    let judged = try vmcore.judge(policy)
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    for frame in Self.start..<Self.start + 0x400 {
      #expect(judged[frame]?.veto == wanted(frame), "frame \(frame)")
      guard frame % 29 == 0 else { continue }
      let account = try FrameSearch.explain(
        FrameNumber(frame),
        core,
        layout,
        policy
      )
      #expect(account.judgement == judged[frame])
    }
    // The search comes to the same.
    let found = try vmcore.search(policy).found.frames
    #expect(found.runs.reduce(0) { $0 + $1.count } == judged.lent().count)
  }

  @Test(arguments: [KernelEra.v4_18, .v6_1, .v6_12, .v7_1])
  func aFolioIsKeptWhereItsTailsAreMissing(era: KernelEra) throws {
    let huge = Folio(.anonymous, order: 9, wholeMaps: 1)
    for hole in [64, 256, 448] as [UInt64] {
      let vmcore = try vmcore(
        [.init(Self.start, 1024, .folio(huge))],
        era,
        hole: Self.start + hole
      )
      try expect(vmcore, era) { frame in
        let index = frame - Self.start
        if index >= 512 { return nil }
        if (hole..<hole + 64).contains(index) { return .noDescriptor }
        return index == 0 ? .noDescriptor : .tail
      }
    }
  }

  @Test(arguments: [KernelEra.v4_18, .v6_12])
  func aFolioIsKeptWhereItsHeadIsMissing(era: KernelEra) throws {
    let huge = Folio(.file, order: 9)
    let vmcore = try vmcore(
      [.init(Self.start, 1024, .folio(huge))],
      era,
      hole: Self.start
    )
    try expect(vmcore, era) { frame in
      let index = frame - Self.start
      return index >= 512 ? nil : index < 64 ? .noDescriptor : .tail
    }
  }

  @Test(arguments: [KernelEra.v4_18, .v6_12])
  func aFreeBlockIsKeptWhereItsPagesAreMissing(era: KernelEra) throws {
    let vmcore = try vmcore(
      [
        .init(Self.start, 0x400, .free),
        .init(Self.start + 0x400, 0x400, .kernel),
      ],
      era,
      hole: Self.start + 0x180
    )
    // Its struct pages are read at once, so all of them are missing.
    try expect(vmcore, era) { _ in .noDescriptor }
  }

  @Test(arguments: [KernelEra.v4_18, .v6_12])
  func smallPagesAroundAreLent(era: KernelEra) throws {
    let vmcore = try vmcore(
      [.init(Self.start, 0x400, .cache)],
      era,
      hole: Self.start + 0x40
    )
    try expect(vmcore, era) { frame in
      (0x40..<0x80).contains(frame - Self.start) ? .noDescriptor : nil
    }
  }
}
