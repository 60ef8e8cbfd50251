// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

import struct SyntheticVMCore.Folio

/// What is said of one frame is what the scan of all frames says of it.
@Suite struct ExplainTests {
  /// Memory above 16 GiB, where a pass over one frame's surroundings begins,
  /// and some below, where it ends.
  static let far: UInt64 = 0x40_0000

  /// A machine with pages of all sorts, whole and broken, at both places.
  static func machine(_ era: KernelEra) -> SyntheticMachine {
    var machine = SyntheticMachine()
    machine.era = era
    let border = far << 12
    machine.memory = [
      .init(0x1000..<0x9_f000), .init(0x10_0000..<0x280_0000),
      .init((border - 0x20_0000)..<(border + 0x60_0000), node: 1),
    ]
    let half = Folio(.anonymous, order: 6, pageMaps: 1).with {
      $0.tails = .missing(from: 40)
    }
    let strayed = Folio(.file, order: 5).with {
      $0.tails = .strayed(to: FrameNumber(far + 0x600))
    }
    let folded = Folio(.hugetlbFree, order: 9).with { $0.isOptimized = true }
    for base in [far - 0x200, far, far + 0x400] {
      machine.contents += [
        .init(base + 0x8, 3, .cache), .init(base + 0xb, 5, .writebackCache),
        .init(base + 0x13, 9, .anonymous), .init(base + 0x20, 32, .slab),
        .init(base + 0x40, 64, .folio(half)),
        .init(base + 0x80, 32, .folio(strayed)),
        .init(base + 0xa0, 16, .folio(Folio(.file, order: 4))),
        .init(base + 0xb1, 1, .hwpoison), .init(base + 0xb3, 1, .offline),
        .init(base + 0xc0, 7, .compoundTail(FrameNumber(base + 0xb0))),
        .init(base + 0xc8, 1, .compoundHead),
        .init(base + 0xe1, 1, .buddy(order: 3)),
        .init(base + 0xe8, 1, .buddy(order: 11)),
        .init(base + 0x100, 1, .buddy(order: 6)),
        .init(base + 0x108, 1, .kernel),
      ]
    }
    machine.contents += [
      .init(far + 0x200, 512, .folio(folded)),
      .init(far + 0x201, 1, .kernel),
      .init(0x2000, 512, .folio(Folio(.anonymous, order: 9, wholeMaps: 1))),
      .init(0x2207, 90, .dirtyCache),
    ]
    return machine
  }

  @Test(arguments: [KernelEra.v4_18, .v6_1, .v6_6, .v6_12, .v7_1])
  func everyFrameIsExplainedAsTheScanJudgesIt(era: KernelEra) throws {
    let vmcore = Self.machine(era).build()
    let policy = try era.policy
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    let judged = try vmcore.judge(policy)
    var vetoes = Set<Veto?>()
    // The two frames on each side of what memory there is have no PT_LOAD.
    let frames =
      Array(Self.far - 0x202..<Self.far + 0x602)
      + Array(stride(from: 0, to: 0x2802, by: 61))
    for frame in frames {
      let account = try FrameSearch.explain(
        FrameNumber(frame),
        core,
        layout,
        policy
      )
      if account.judgement != judged[frame] {
        Issue.record("\(era), frame \(String(frame, radix: 16))")
        return
      }
      vetoes.insert(account.judgement?.veto)
      if let address = account.address {
        #expect(address == vmcore.pageAddress(of: FrameNumber(frame)))
        let flags = try #require(vmcore.load64(address))
        #expect(account.page?.flags == flags)
      }
    }
    let expected: Set<Veto?> = [
      nil, .writeback, .halfBuilt, .tail, .hardwarePoison, .dumpLevel,
      .alignment, .order, .sharedBlock, .dmaZone,
    ]
    #expect(vetoes.isSuperset(of: expected))
  }

  @Test func aFrameThatTheFileDoesNotHaveHasNoJudgement() throws {
    let vmcore = Self.machine(.v6_12).build()
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    for frame in [0, 0x3000, Self.far + 0x600, 1 << 40, (1 << 52) - 1, .max]
      as [UInt64]
    {
      let account = try FrameSearch.explain(
        FrameNumber(frame),
        core,
        layout,
        .all
      )
      #expect(account.judgement == nil, "frame \(frame)")
    }
  }
}
