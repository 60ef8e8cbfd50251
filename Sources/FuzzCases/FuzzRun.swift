// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import FramePool
internal import Memory
internal import MemoryMap
internal import PageClasses
internal import SyntheticVMCore
internal import VMCore

/// All that is asked of one damaged vmcore.
struct FuzzRun {
  typealias Core = CoreFile<MeteredSource<SyntheticVMCore>>

  let marks: [Mark]
  let policy: SearchPolicy
  /// The machine before it was damaged, where only struct pages were.
  let before: FuzzMachine?

  /// Scans, searches, explains and selects; throws a broken promise, or the
  /// error that one of them ended with.
  func check(
    _ core: borrowing Core,
    _ kernel: KernelLayout,
    _ random: inout SeededGenerator,
    _ result: inout FuzzCases.Result
  ) throws {
    result.knewFlags = policy.flags != nil
    var scanned = Witness()
    let report = try FrameSearch.scan(core, kernel, policy, &scanned)
    result.frames = report.frames
    let lent = try scanned.checkLent(core.loads, policy, report)
    try scanned.checkAll(core.loads, report)
    try checkInUse(lent, core)
    for _ in 0..<random.below(3) {
      try explain(core, kernel, scanned, &random)
    }
    try search(core, kernel, &random)
    try select(core, kernel, &random)
  }

  /// Throws where a frame is lent that somebody uses.
  private func checkInUse(
    _ lent: [FrameRange],
    _ core: borrowing Core
  ) throws(BrokenPromise) {
    try Mark.check(marks, lent)
    guard let before else { return }
    for run in lent {
      for frame in run.start.value..<run.end.value
      where before.isSound(frame, in: core.source.base) {
        throw BrokenPromise("frame \(frame) is lent, and was not damaged")
      }
    }
  }

  private func explain(
    _ core: borrowing Core,
    _ kernel: KernelLayout,
    _ scanned: Witness,
    _ random: inout SeededGenerator
  ) throws {
    // What one frame takes grows with its number.
    let number =
      switch random.below(16) {
      case 0: random.next() >> 12
      case 1...8: 0x3000 + random.next() % 0x1000
      default: random.next() % 0x4100
      }
    let frame = FrameNumber(number)
    let account = try FrameSearch.explain(frame, core, kernel, policy)
    guard account.judgement == scanned.judgement(of: frame) else {
      throw BrokenPromise("frame \(number): explained as something else")
    }
  }

  private func search(
    _ core: borrowing Core,
    _ kernel: KernelLayout,
    _ random: inout SeededGenerator
  ) throws {
    var policy = policy
    let sets: [PageClassSet] = [
      .all, .all, .free, .cache, .anonymous, [.free, .cache],
    ]
    policy.classes = sets[random.below(sets.count)]
    policy.minimumOrder = random.below(4) == 0 ? UInt8(random.below(12)) : 0
    var found = Witness()
    let report = try FrameSearch.search(core, kernel, policy, &found)
    let lent = try found.checkLent(core.loads, policy, report)
    try checkInUse(lent, core)
  }

  private func select(
    _ core: borrowing Core,
    _ kernel: KernelLayout,
    _ random: inout SeededGenerator
  ) throws {
    let nodes = FrameSearch.nodes(core, kernel)
    for (low, high) in zip(nodes, nodes.dropFirst())
    where low.end > high.start { throw BrokenPromise("nodes overlap") }
    let copies = 1 + random.below(4)
    let request = try FrameRequest(
      blocks: UInt32(random.below(8000)),
      copies: copies,
      reserve: UInt32(random.below(100)),
      minimumRun: UInt32(1 + random.below(32)),
      maximumRuns: copies + random.below(100)
    )
    var exclusions = policy.excluded
    for _ in 0..<random.below(3) {
      let start = FrameNumber(0x1000 + random.next() % 0x3000)
      exclusions.append(FrameRange(start: start, count: random.next() % 512))
    }
    var buyer = Buyer(request, excluding: exclusions, nodes: nodes)
    // As the daemon does: free memory first, then the rest.
    var free = policy
    free.classes = .free
    _ = try FrameSearch.search(core, kernel, free, &buyer)
    if !buyer.hasEnough() {
      var rest = policy
      rest.classes = [.cache, .anonymous]
      _ = try FrameSearch.search(core, kernel, rest, &buyer)
    }
    let selection = try buyer.check()
    try Mark.check(marks, selection.runs)
  }
}
