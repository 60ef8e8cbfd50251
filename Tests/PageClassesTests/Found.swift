// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

/// What a search or a scan of a built vmcore hands out.
struct Found: FrameVisitor {
  var runs: [ReusableRun] = []
  var startedOver = 0
  /// Frames after which there is enough.
  var wanted = UInt64.max

  mutating func visit(_ run: ReusableRun) -> Bool {
    runs.append(run)
    return runs.reduce(0) { $0 + $1.frames.count } < wanted
  }

  mutating func startOver() {
    startedOver += 1
    runs = []
  }

  /// The frames, each once, or an issue.
  var frames: Frames { Frames(runs.map(\.frames)) }
}

extension SyntheticVMCore {
  /// Follows the free lists.
  func search(
    _ policy: SearchPolicy = .all,
    wanted: UInt64 = .max
  ) throws -> (found: Found, report: SearchReport) {
    let core = try CoreFile(self)
    let layout = try KernelLayout(core.vmcoreInfo())
    var found = Found(wanted: wanted)
    let report = try FrameSearch.search(core, layout, policy, &found)
    return (found, report)
  }

  /// Goes through all struct pages.
  func scan(
    _ policy: SearchPolicy = .all
  ) throws -> (found: Found, report: SearchReport) {
    let core = try CoreFile(self)
    let layout = try KernelLayout(core.vmcoreInfo())
    var found = Found()
    let report = try FrameSearch.scan(core, layout, policy, &found)
    return (found, report)
  }

  /// The frames that the description says are free, above 16 MiB.
  var describedFree: Frames {
    Frames(freeBlocks.map(\.frames)).subtracting(0..<4096)
  }
}

extension SearchPolicy {
  /// Everything that a dump at level 31 leaves out, by a makedumpfile that
  /// knows all kernels.
  static let all = SearchPolicy(
    dumpLevel: DumpLevel(31) ?? .dumpEverything,
    collector: Collector(version: .init(1, 8, 0))
  )
}
