// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import SyntheticVMCore
import Testing
import VMCore

/// That frames from there on are a free block.
struct Claim: Hashable, Comparable {
  let start: UInt64
  let order: Int

  init(_ block: SyntheticBlock) {
    start = block.frames.start.value
    order = block.order
  }

  init(_ block: FreeBlock) {
    start = block.frames.start.value
    order = Int(block.order)
  }

  static func < (a: Claim, b: Claim) -> Bool { a.start < b.start }
}

extension SyntheticVMCore {
  var claims: [Claim] { freeBlocks.map { Claim($0) }.sorted() }
}

/// All that a walk of the free lists comes upon.
struct Walk {
  var blocks: [FreeBlock] = []
  var faults: [FreeListFault] = []

  var claims: [Claim] { blocks.map { Claim($0) }.sorted() }

  init(_ vmcore: SyntheticVMCore, minimumOrder: UInt8 = 0) throws {
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    var map = try MemoryMap(core, layout)
    var walk = try FreeListWalk(
      &map,
      core,
      layout,
      minimumOrder: minimumOrder
    )
    for _ in 0..<1_000_000 {
      switch walk.next(&map, core) {
      case .block(let block): blocks.append(block)
      case .fault(let fault): faults.append(fault)
      case .end: return
      }
    }
    Issue.record("the walk does not end")
  }
}

/// How many frames a scan of the memory map comes to.
struct Scan: Equatable {
  var frames: UInt64 = 0
  var holes: UInt64 = 0

  init(_ vmcore: SyntheticVMCore) throws {
    let core = try CoreFile(vmcore)
    var map = try MemoryMap(core, KernelLayout(core.vmcoreInfo()))
    var scan = MapScan()
    var last: UInt64 = 0
    for _ in 0..<1_000_000 {
      switch try scan.next(&map, core) {
      case .frames(let range):
        #expect(range.start.value >= last && !range.isEmpty)
        frames += range.count
        last = range.end.value
      case .hole(let range, _):
        #expect(range.start.value >= last && !range.isEmpty)
        holes += range.count
        last = range.end.value
      case .end: return
      }
    }
    Issue.record("the scan does not end")
  }
}

extension KernelLayout.Key {
  /// The key as it begins its line.
  var line: String {
    let kind =
      switch spelling.kind {
      case .symbol: "SYMBOL"
      case .size: "SIZE"
      case .offset: "OFFSET"
      case .length: "LENGTH"
      case .number: "NUMBER"
      }
    return "\(kind)(\(spelling.name))"
  }
}
