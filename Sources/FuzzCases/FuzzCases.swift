// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import MemoryMap
internal import PageClasses
internal import SyntheticVMCore
internal import VMCore

/// Damaged vmcores by seed, and what must hold for each of them.
///
/// That nothing traps and nothing loops shows by itself; what is checked here
/// is that no frame is lent twice, none that the file has not, and none below
/// 16 MiB.
public struct FuzzCases: Sendable {
  private let machines: [SyntheticVMCore]

  /// Builds the sound vmcores that are damaged later.
  public init() {
    var plain = SyntheticMachine()
    plain.memory = [.init(0x1000..<0x9_f000), .init(0x10_0000..<0x400_0000)]
    plain.contents = [
      .init(0x3001, 1, .kernel), .init(0x3103, 2, .anonymous),
      .init(0x3207, 1, .hwpoison), .init(0x3300, 7, .cache),
    ]
    var old = plain
    old.era = .v6_1
    old.kaslr = .example
    var deep = plain
    deep.fiveLevels = true
    deep.smeMask = 1 << 47
    var pointer = plain
    pointer.sections = .pointerToRootArray
    pointer.vmemmapLeaf = .small
    var nodes = plain
    nodes.memory = [
      .init(0x10_0000..<0x400_0000),
      .init(0x1_0000_0000..<0x1_0100_0000, node: 1),
    ]
    nodes.crashKernel = 0x200_0000..<0x280_0000
    machines = [plain, old, deep, pointer, nodes].map { $0.build() }
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

  /// Runs one case.
  public func run(seed: UInt64) -> Outcome {
    var random = SeededGenerator(seed: seed)
    var vmcore = machines[random.below(machines.count)]
    vmcore.mutate(using: &random)
    do {
      let core = try CoreFile(vmcore)
      let layout = KernelLayout(try core.vmcoreInfo())
      guard let level = DumpLevel(31) else { return .refused }
      let policy = SearchPolicy(
        dumpLevel: level,
        collector: Collector(version: .init(1, 8, 0))
      )
      var listed = Lent()
      _ = try FrameSearch.search(core, layout, policy, &listed)
      var scanned = Lent()
      _ = try FrameSearch.scan(core, layout, policy, &scanned)
      let broken =
        listed.broken(in: core.loads) ?? scanned.broken(in: core.loads)
      return broken.map { .broke($0) } ?? .searched
    } catch {
      return .refused
    }
  }
}

/// What a damaged vmcore gets somebody to lend.
private struct Lent: FrameVisitor {
  var runs: [FrameRange] = []
  var visits = 0

  mutating func visit(_ run: ReusableRun) -> Bool {
    runs.append(run.frames)
    visits += 1
    // There are never more runs than frames.
    return visits < 1 << 16
  }

  mutating func startOver() { runs = [] }

  /// The promise that these frames break, if they break one.
  func broken(in loads: LoadTable) -> String? {
    guard visits < 1 << 16 else { return "the search does not end" }
    var end = FrameNumber(4096)
    for run in runs.sorted(by: { $0.start < $1.start }) {
      guard !run.isEmpty else { return "a run is empty" }
      guard run.start >= end else {
        return "frame \(run.start.value) is lent twice, or lies too low"
      }
      guard let covered = loads.frames(from: run.start),
        covered.start == run.start, covered.end >= run.end
      else { return "frame \(run.start.value) lies outside of the file" }
      end = run.end
    }
    return nil
  }
}
