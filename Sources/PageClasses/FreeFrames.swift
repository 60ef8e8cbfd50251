// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import MemoryMap
public import VMCore

/// The search for free frames.
public enum FreeFrames {
  /// The orders of the linear scan's passes, when it stands in for the free
  /// lists: long runs first.
  private static let tiers: [ClosedRange<UInt8>] = [9...63, 5...8, 0...4]

  /// Finds free frames and hands them to `visitor`, the largest blocks first.
  ///
  /// The free lists lead the way, so the cost grows with what is wanted and
  /// not with the machine. Where a list is at fault and the visitor has not
  /// had enough at the end, it starts over with a scan of all struct pages.
  /// Every struct page of every block is checked.
  public static func search<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ core: borrowing CoreFile<Source>,
    _ layout: KernelLayout,
    _ policy: SearchPolicy,
    _ visitor: inout Visitor
  ) throws(MapError) -> SearchReport {
    var map = try MemoryMap(core, layout)
    var inspector = try BlockInspector(layout, policy)
    do throws(MapError) {
      var walk = try FreeListWalk(
        &map,
        core,
        layout,
        minimumOrder: policy.minimumOrder
      )
      try walkLists(&walk, &map, core, &inspector, &visitor)
    } catch {
      inspector.note(.noNodes(error))
    }
    guard let fault = inspector.report.fault, !inspector.report.endedEarly
    else { return inspector.report }
    visitor.startOver()
    let faults = inspector.report.faults
    inspector.report = SearchReport()
    inspector.report.isLinear = true
    inspector.report.fault = fault
    inspector.report.faults = faults
    for tier in tiers where tier.upperBound >= policy.minimumOrder {
      let orders = max(tier.lowerBound, policy.minimumOrder)...tier.upperBound
      var scan = BlockScan(orders: orders, countsOthers: false)
      try scan.run(&map, core, &inspector, &visitor)
      if inspector.report.endedEarly { break }
    }
    return inspector.report
  }

  /// Classifies every frame that the file has, in order of address, and
  /// hands the free ones to `visitor`; the free lists are not looked at.
  public static func scan<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ core: borrowing CoreFile<Source>,
    _ layout: KernelLayout,
    _ policy: SearchPolicy,
    _ visitor: inout Visitor
  ) throws(MapError) -> SearchReport {
    var map = try MemoryMap(core, layout)
    var inspector = try BlockInspector(layout, policy)
    inspector.report.isLinear = true
    var scan = BlockScan(
      orders: policy.minimumOrder...63,
      countsOthers: true
    )
    try scan.run(&map, core, &inspector, &visitor)
    return inspector.report
  }

  private static func walkLists<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ walk: inout FreeListWalk,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ inspector: inout BlockInspector,
    _ visitor: inout Visitor
  ) throws(MapError) {
    while true {
      switch walk.next(&map, core) {
      case .end: return
      case .fault(let fault): inspector.note(fault)
      case .block(let block):
        guard try inspector.inspect(block, &map, core, &visitor) else {
          return
        }
      }
    }
  }
}
