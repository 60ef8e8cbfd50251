// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import FramePool
internal import Memory
internal import MemoryMap
internal import PageClasses
internal import SyntheticVMCore
internal import VMCore

/// Damaged vmcores by seed, and what must hold for each of them.
///
/// That nothing traps shows by itself. What is checked here: that there is a
/// bound on the work; that no frame is lent twice, none that the file has
/// not, none below 16 MiB, none of a class that the dump wants, and none that
/// was marked as in use; that each frame is lent or kept for a reason, and
/// counted once; that a frame's explanation is what the scan says of it; and
/// that the pool chooses nothing else.
public struct FuzzCases: Sendable {
  private let machines: [FuzzMachine]

  /// Builds the sound vmcores, one of each time of the kernel.
  public init() {
    machines = KernelEra.allCases.compactMap { FuzzMachine($0) }
  }

  /// How a case ended.
  public enum Outcome: Equatable, Sendable {
    /// With a promise broken, this one.
    case broke(String)
    /// With an error, as it may.
    case refused
    /// With frames to lend, or none, from lists and from the scan.
    case searched
  }

  /// What a case came to.
  public struct Result: Equatable, Sendable {
    /// How it ended.
    public internal(set) var outcome = Outcome.refused
    /// Whether the flags were known.
    public internal(set) var knewFlags = false
    /// The frames that the scan would lend.
    public internal(set) var frames: UInt64 = 0
    /// The frames in use that were marked, and so may not be lent.
    public internal(set) var marks = 0
    /// The messages of a log that was damaged too; nil where none could be
    /// read.
    public internal(set) var messages: UInt64?
    /// The frames that a dump would have; nil where none could be planned.
    public internal(set) var dumped: UInt64?
    /// How many reads of the source it took.
    public internal(set) var reads = 0
    /// And of how many bytes.
    public internal(set) var bytes = 0
  }

  /// Runs one case.
  public func run(seed: UInt64) -> Result {
    var random = SeededGenerator(seed: seed)
    let machine = machines[random.below(machines.count)]
    let meter = Meter()
    var result = Result()
    do {
      // Half of the cases leave the way to the struct pages sound, so that
      // more is known of what must come out.
      if random.below(2) == 0 {
        try runPages(machine, &random, meter, &result)
      } else {
        try runAnything(machine, &random, meter, &result)
      }
      result.outcome = .searched
    } catch let promise as BrokenPromise {
      result.outcome = .broke("\(machine.era): \(promise.text)")
    } catch {
      result.outcome = .refused
    }
    do {
      // Of its own, so that a seed's damage is what it always was.
      var other = SeededGenerator(seed: seed &+ 1 << 63)
      result.messages = try LogCase.run(machine.vmcore, &other)
      var third = SeededGenerator(seed: seed &+ 1 << 62)
      result.dumped = try DumpCase.run(machine.vmcore, &third)
    } catch {
      result.outcome = .broke("\(machine.era): \(error.text)")
    }
    result.reads = meter.reads
    result.bytes = meter.bytes
    if meter.isOver { result.outcome = .broke("\(machine.era): endless work") }
    return result
  }

  private func runPages(
    _ machine: FuzzMachine,
    _ random: inout SeededGenerator,
    _ meter: Meter,
    _ result: inout Result
  ) throws {
    var vmcore = machine.vmcore
    vmcore.mutate(using: &random, .structPages)
    let marks = Mark.mark(&vmcore, machine, &random)
    let core = try CoreFile(MeteredSource(base: vmcore, meter: meter))
    let kernel = KernelLayout(try core.vmcoreInfo())
    var policy = Self.policy(&random)
    policy.flags = machine.layout
    let run = FuzzRun(marks: marks, policy: policy, before: machine)
    try run.check(core, kernel, &random, &result)
    result.marks = marks.count
  }

  private func runAnything(
    _ machine: FuzzMachine,
    _ random: inout SeededGenerator,
    _ meter: Meter,
    _ result: inout Result
  ) throws {
    var vmcore = machine.vmcore
    vmcore.mutate(using: &random)
    let core = try CoreFile(MeteredSource(base: vmcore, meter: meter))
    let info = try core.vmcoreInfo()
    let kernel = KernelLayout(info)
    var policy = Self.policy(&random)
    policy.flags = try? LayoutSource.any(&random).layout(
      machine,
      core,
      info,
      kernel,
      &random
    )
    let run = FuzzRun(marks: [], policy: policy, before: nil)
    try run.check(core, kernel, &random, &result)
  }

  /// Level 31 and a makedumpfile that knows all, half of the time.
  private static func policy(
    _ random: inout SeededGenerator
  ) -> SearchPolicy {
    let level = random.below(2) == 0 ? 31 : random.below(32)
    var policy = SearchPolicy(dumpLevel: DumpLevel(level) ?? .dumpEverything)
    let versions: [Collector.Version?] = [
      nil, .init(1, 7, 2), .init(1, 7, 6), .init(1, 8, 0), .init(1, 8, 0),
      .init(1, 8, 0),
    ]
    policy.collector = Collector(
      version: versions[random.below(versions.count)]
    )
    if random.below(4) == 0 {
      for _ in 0..<random.below(4) {
        policy.excluded.append(
          FrameRange(
            start: FrameNumber(random.next() % 0x4800),
            count: random.next() % 0x800
          )
        )
      }
    }
    return policy
  }
}
