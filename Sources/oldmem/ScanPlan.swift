// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import MemoryMap
import PageClasses
import VMCore

/// What the capture kernel would take for a device of some size: the same
/// search into the same pool.
struct ScanPlan {
  let size: UInt64
  let copies: Int
  private(set) var outcome: Outcome?
  /// The frames that would be lent.
  private(set) var selection: Selection?

  struct Outcome: Codable {
    struct Part: Codable {
      let name: String
      let frames: UInt64
      let runs: Int
    }

    let size: UInt64
    let copies: Int
    let usableBytes: UInt64
    let isShort: Bool
    let classes: [Part]
    let runs: Int
    let shortestRun: UInt64?
    /// Frames between two copies at least.
    let distance: UInt64?
    let isAcrossNodes: Bool
    let nodes: Int
  }

  init(size: UInt64, copies: Int) {
    self.size = size
    self.copies = copies
  }

  mutating func search(
    _ kernel: borrowing CrashedKernel,
    _ policy: SearchPolicy
  ) throws(MapError) {
    let blocks = UInt32(clamping: size / UInt64(Frame.size))
    guard blocks > 0,
      let request = try? FrameRequest(blocks: blocks, copies: copies)
    else { return }
    let nodes = FrameSearch.nodes(kernel.core, kernel.layout)
    var pool = FramePool(request, excluding: [], nodes: nodes)
    _ = try FrameSearch.search(kernel.core, kernel.layout, policy, &pool)
    let selection = pool.select()
    self.selection = selection
    let parts = PageClass.allCases.compactMap { pageClass -> Outcome.Part? in
      let frames = selection.frames(of: pageClass)
      guard frames > 0 else { return nil }
      return Outcome.Part(
        name: "\(pageClass.name)",
        frames: frames,
        runs: selection.classes.count { $0 == pageClass }
      )
    }
    outcome = Outcome(
      size: size,
      copies: copies,
      usableBytes: UInt64(selection.blocks) * UInt64(Frame.size),
      isShort: selection.isShort,
      classes: parts,
      runs: selection.runs.count,
      shortestRun: selection.runs.map(\.count).min(),
      distance: selection.distance,
      isAcrossNodes: selection.isAcrossNodes,
      nodes: nodes.count
    )
  }
}
