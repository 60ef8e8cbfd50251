// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import PageClasses
internal import Rescue
internal import SyntheticVMCore
internal import VMCore

/// A damaged vmcore is planned as a dump: in bounded work, each frame once,
/// and none that the file has not.
struct DumpCase {
  /// Frames of a file that is damaged but not made out to be huge.
  private static let mostFrames: UInt64 = 1 << 20
  /// The memory map, the log, a 16th of memory that may be stacks, and twice
  /// as many program headers as there can be.
  private static let mostReads = 150_000

  /// Damages a sound vmcore, its stack pointer and its log, and plans a dump.
  ///
  /// Throws a broken promise. Returns how many frames it has, nil for an
  /// error.
  static func run(
    _ sound: SyntheticVMCore,
    _ random: inout SeededGenerator
  ) throws(BrokenPromise) -> UInt64? {
    var vmcore = sound
    damageRegisters(&vmcore, &random)
    vmcore.mutate(using: &random)
    if random.below(4) == 0 { vmcore.mutateLog(using: &random) }
    let level = DumpLevel(random.below(32)) ?? .dumpEverything
    let meter = Meter(mostReads: mostReads)
    let plan: DumpPlan
    do {
      let core = try CoreFile(MeteredSource(base: vmcore, meter: meter))
      guard var whole = DumpPlan(core, level),
        whole.present.count <= mostFrames
      else { return nil }
      let info = try core.vmcoreInfo()
      let layout = KernelLayout(info)
      try? whole.classify(core, layout)
      let facts = try KernelFacts(core, info, layout)
      whole.order.find(core, info, layout, facts.notes)
      let head = try ElfHead(core, whole.dumped, facts)
      guard head.bytes(isComplete: true).count == Int(head.data) else {
        throw BrokenPromise("an ELF head that is not as long as it says")
      }
      plan = whole
    } catch let promise as BrokenPromise {
      throw promise
    } catch {
      try bound(meter)
      return nil
    }
    try bound(meter)
    try check(plan)
    return plan.dumped.population
  }

  private static func bound(_ meter: Meter) throws(BrokenPromise) {
    guard meter.isOver else { return }
    throw BrokenPromise(
      "\(meter.reads) reads and \(meter.bytes) bytes for a dump"
    )
  }

  private static func check(_ plan: DumpPlan) throws(BrokenPromise) {
    var rest = plan.dumped
    rest.subtract(plan.present)
    guard rest.population == 0 else {
      throw BrokenPromise("frames are dumped that the file has not")
    }
    rest = plan.dumped
    for (stage, frames) in plan.order.stages(of: plan.dumped) {
      let before = rest.population
      rest.subtract(frames)
      guard rest.population == before - frames.population else {
        throw BrokenPromise("\(stage.name) has frames of another stage")
      }
    }
    guard rest.population == 0 else {
      throw BrokenPromise("\(rest.population) frames are in no stage")
    }
  }

  /// Points the processor's rsp, and others, at something of the kernel's.
  private static func damageRegisters(
    _ vmcore: inout SyntheticVMCore,
    _ random: inout SeededGenerator
  ) {
    guard let core = try? CoreFile(vmcore),
      let notes = try? core.programHeader(0)
    else { return }
    let halves: [UInt64] = [
      0, 0xffff_8880_0000_0000, 0xffff_c900_0000_0000, 0xffff_ea00_0000_0000,
      AddressSpace.startKernelMap, .max << 15,
    ]
    for _ in 0..<4 {
      let half = halves[random.below(halves.count)]
      let value = half | random.next() % (64 << 20)
      let register = UInt64(random.below(2) == 0 ? 19 : random.below(27))
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
      // A note's head and name, and what stands before pr_reg.
      vmcore.overwrite(
        at: notes.fileOffset + 20 + 112 + register * 8,
        with: bytes
      )
    }
  }
}
