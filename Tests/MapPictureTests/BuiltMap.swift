// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import MapPicture
import Memory
import MemoryMap
import PageClasses
import SyntheticVMCore
import VMCore

/// A machine of two nodes with a hole of 3.9 GiB between them, and its map.
struct BuiltMap: Sendable {
  let map: PhysicalMap
  let report: SearchReport
  let selection: Selection

  /// Built once.
  static let shared = Result { try BuiltMap() }

  static let machine: SyntheticMachine = {
    var machine = SyntheticMachine()
    machine.memory = [
      .init(0x1000..<0x9_f000),
      .init(0x10_0000..<0x800_0000),
      .init(0x1_0000_0000..<0x1_1000_0000, node: 1),
    ]
    machine.contents = [
      .init(0x2000, 0x800, .cache),
      .init(0x2800, 0x200, .dirtyCache),
      .init(0x2a00, 0x100, .bufferedCache),
      .init(0x3000, 0x900, .anonymous),
      .init(0x3900, 0x80, .pinned),
      .init(0x4000, 0x400, .slab),
      .init(0x4400, 0x200, .reserved),
      .init(0x4600, 1, .hwpoison),
      .init(0x10_8000, 0x1000, .anonymous),
    ]
    return machine
  }()

  init(
    _ machine: SyntheticMachine = BuiltMap.machine,
    blocks: UInt32 = 4096,
    limit: Int = 1 << 19,
    file: String = "vmcore"
  ) throws {
    let vmcore = machine.build()
    let core = try CoreFile(vmcore)
    let kernel = KernelLayout(try core.vmcoreInfo())
    let policy = SearchPolicy(
      dumpLevel: DumpLevel(31) ?? .dumpEverything,
      collector: Collector(version: .init(1, 8, 0)),
      flags: try FlagLayout(text: KernelEra.v6_12.flagLayoutText)
    )
    let nodes = FrameSearch.nodes(core, kernel)
    var pool = FramePool(
      try FrameRequest(blocks: blocks, copies: 2),
      excluding: [],
      nodes: nodes
    )
    _ = try FrameSearch.search(core, kernel, policy, &pool)
    selection = pool.select()
    var collector = MapCollector(selection, limit: limit)
    report = try FrameSearch.scan(core, kernel, policy, &collector)
    map = PhysicalMap(
      PhysicalMap.Scene(
        file: file,
        release: "6.12.0",
        rules: [("dump level", "31")],
        plan: "16 MiB in 2 copies"
      ),
      collector,
      report.tally,
      nodes: nodes
    )
  }
}

/// Numbers that look random and are the same each time.
struct Sequence64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  // splitmix64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
