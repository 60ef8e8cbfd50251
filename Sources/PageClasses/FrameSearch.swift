// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import MemoryMap
public import VMCore

/// The search for frames that may be lent.
public enum FrameSearch {
  /// The orders of the linear scan's passes, when it stands in for the free
  /// lists: long runs first.
  private static let tiers: [ClosedRange<UInt8>] = [9...63, 5...8, 0...4]
  /// What is looked for when free memory is not enough, pass by pass.
  private static let stages: [PageClassSet] = [.cache, .anonymous]

  /// Finds frames and hands them to `visitor`: free ones, the largest blocks
  /// first; when that is not enough, page cache; then anonymous memory.
  ///
  /// The free lists lead the way, so the cost grows with what is wanted and
  /// not with the machine. Where a list is at fault and the visitor has not
  /// had enough at the end, it starts over with a scan of all struct pages.
  /// Every struct page of every block and folio is checked.
  public static func search<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout,
    _ policy: SearchPolicy,
    _ visitor: inout Visitor
  ) throws(MapError) -> SearchReport {
    var map = try MemoryMap(core, kernel)
    var inspector = try FrameInspector(kernel, policy)
    if policy.classes.contains(.free) {
      try searchFree(&map, core, kernel, policy, &inspector, &visitor)
    }
    for stage in stages {
      let wanted = stage.intersection(policy.classes)
      guard !inspector.report.endedEarly, inspector.mayLend(anyOf: wanted),
        !visitor.hasEnough()
      else { continue }
      inspector.wanted = wanted
      inspector.report.tally = Tally()
      var pass = MapPass(.everything(minimumOrder: .max))
      try pass.run(&map, core, &inspector, &visitor)
    }
    return inspector.report
  }

  /// Judges every frame that the file has, in order of address, and hands
  /// those that may be lent to `visitor`; the free lists are not looked at.
  public static func scan<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout,
    _ policy: SearchPolicy,
    _ visitor: inout Visitor
  ) throws(MapError) -> SearchReport {
    var map = try MemoryMap(core, kernel)
    var inspector = try FrameInspector(kernel, policy)
    inspector.report.isLinear = true
    var pass = MapPass(.everything(minimumOrder: policy.minimumOrder))
    try pass.run(&map, core, &inspector, &visitor)
    return inspector.report
  }

  private static func searchFree<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout,
    _ policy: SearchPolicy,
    _ inspector: inout FrameInspector,
    _ visitor: inout Visitor
  ) throws(MapError) {
    inspector.wanted = .free
    do throws(MapError) {
      var walk = try FreeListWalk(
        &map,
        core,
        kernel,
        minimumOrder: policy.minimumOrder
      )
      try walkLists(&walk, &map, core, &inspector, &visitor)
    } catch {
      inspector.note(.noNodes(error))
    }
    guard let fault = inspector.report.fault, !inspector.report.endedEarly
    else { return }
    visitor.startOver()
    let faults = inspector.report.faults
    inspector.report = SearchReport()
    inspector.report.isLinear = true
    inspector.report.fault = fault
    inspector.report.faults = faults
    for tier in tiers where tier.upperBound >= policy.minimumOrder {
      let orders = max(tier.lowerBound, policy.minimumOrder)...tier.upperBound
      var pass = MapPass(.blocks(orders))
      try pass.run(&map, core, &inspector, &visitor)
      if inspector.report.endedEarly { break }
    }
  }

  private static func walkLists<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ walk: inout FreeListWalk,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ inspector: inout FrameInspector,
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

extension FrameSearch {
  /// The spans of the NUMA nodes, in order of address; none where that is not
  /// known.
  public static func nodes<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout
  ) -> [FrameRange] {
    guard var map = try? MemoryMap(core, kernel) else { return [] }
    return map.nodes(core, kernel)
  }
}
