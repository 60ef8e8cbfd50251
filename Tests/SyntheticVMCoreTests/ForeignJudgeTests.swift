// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Memory
import SyntheticVMCore
import Testing

/// makedumpfile reads what was built and finds in it what was described.
@Suite struct ForeignJudgeTests {
  @Test(arguments: KernelEra.allCases)
  func makedumpfileCountsWhatWasDescribed(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.contents = [
      .init(0x6000, 100, .anonymous),
      .init(0x6400, 70, .cache),
      .init(0x6800, 9, .cachePrivate),
      .init(0x6c00, 5, .offline),
      .init(0x6c40, 3, .slab),
    ]
    let report = try judge(machine)
    #expect(report.count("User process data pages") == 100)
    #expect(report.count("Non-private cache pages") == 70)
    #expect(report.count("Private cache pages") == 9)
    // v4.18 has the type, but does not say so.
    #expect(report.count("Offline pages") == (era == .v4_18 ? 0 : 5))
  }

  @Test func makedumpfileFollowsKASLR() throws {
    var machine = SyntheticMachine()
    machine.kaslr = .example
    _ = try judge(machine)
  }

  @Test func makedumpfileFollowsFiveLevels() throws {
    var machine = SyntheticMachine()
    machine.fiveLevels = true
    _ = try judge(machine)
  }

  @Test func makedumpfileMasksTheSMEBit() throws {
    var machine = SyntheticMachine()
    machine.smeMask = 1 << 47
    _ = try judge(machine)
  }

  @Test(arguments: SyntheticMachine.Leaf.allCases)
  func makedumpfileFollowsEveryLeaf(leaf: SyntheticMachine.Leaf) throws {
    var machine = SyntheticMachine()
    machine.vmemmapLeaf = leaf
    machine.memory = [.init(0x10_0000..<0x8000_0000)]
    _ = try judge(machine)
  }

  @Test(arguments: SyntheticMachine.SectionShape.allCases)
  func makedumpfileReadsBothShapesOfSections(
    shape: SyntheticMachine.SectionShape
  ) throws {
    var machine = SyntheticMachine()
    machine.sections = shape
    _ = try judge(machine)
  }

  @Test func makedumpfileSkipsTheHoleBetweenBanks() throws {
    var machine = SyntheticMachine()
    machine.memory = [
      .init(0x10_0000..<0x4000_0000),
      .init(0x1_0000_0000..<0x1_2000_0000, node: 1),
    ]
    machine.crashKernel = 0x1000_0000..<0x1800_0000
    _ = try judge(machine)
  }

  @Test func theDumpHoldsAllButWhatTheLevelLeavesOut() throws {
    var machine = SyntheticMachine()
    machine.contents = [.init(0x6000, 100, .anonymous)]
    let vmcore = machine.build()
    let file = TemporaryFile("vmcore")
    try vmcore.write(to: file.path)
    let path = TemporaryFile("dump")
    let run = try Makedumpfile(["-c", "-d", "16", file.path, path.path])
    #expect(run.status == 0, "\(run.log)")
    let dump = try KdumpFile(path: path.path)
    #expect(dump.dumpLevel == 16)
    for frame in 0..<dump.frameCount {
      let number = FrameNumber(frame)
      let free = vmcore.freeBlocks.contains { $0.frames.contains(number) }
      #expect(dump.dumps(number) == (dump.exists(number) && !free))
    }
    #expect(dump.dumps(FrameNumber(0x6000)))
    // All pages are there, and not without the last of their bytes.
    #expect(dump.fault == nil && dump.isConsistent)
    truncate(path.path, off_t(dump.byteCount) - 1)
    #expect(try KdumpFile(path: path.path).fault == .cutShort)
  }

  /// Runs makedumpfile over the machine and compares what every machine has.
  private func judge(
    _ machine: SyntheticMachine,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Makedumpfile {
    try Makedumpfile(judging: machine.build(), location)
  }
}
