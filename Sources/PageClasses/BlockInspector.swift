// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// Checks free blocks page by page and hands on what may be lent.
struct BlockInspector {
  let rules: PageRules
  /// How many orders the crashed kernel had.
  let orders: UInt64
  var report = SearchReport()
  private let terrain: Terrain
  private let isLent: Bool

  init(_ layout: KernelLayout, _ policy: SearchPolicy) throws(MapError) {
    do throws(CoreError) {
      rules = try PageRules(layout)
      let orders = try layout.require(.zoneFreeAreaLength, in: 1...21)
      self.orders = UInt64(orders)
    } catch {
      throw .core(error)
    }
    terrain = Terrain(excluded: policy.excluded)
    isLent = policy.dumpLevel.leavesOut(.free)
  }

  /// Counts a fault of the free lists; the first one is reported.
  mutating func note(_ fault: FreeListFault) {
    if report.fault == nil { report.fault = fault }
    report.faults += 1
  }

  /// Checks every page of `block` and gives `visitor` what has no veto;
  /// false when the visitor has had enough.
  mutating func inspect<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ block: FreeBlock,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ visitor: inout Visitor
  ) throws(MapError) -> Bool {
    report.free += block.frames.count
    guard block.isAligned else {
      report.vetoes.add(.alignment, block.frames.count)
      return true
    }
    guard try isClean(block, &map, core) else { return true }
    var rest = block.frames
    while !rest.isEmpty {
      let (veto, count) = terrain.look(rest, core.loads)
      let part = FrameRange(start: rest.start, count: count)
      rest = FrameRange(start: part.end, count: rest.count - count)
      if let veto = veto ?? (isLent ? nil : .dumpLevel) {
        report.vetoes.add(veto, count)
        continue
      }
      report.runs += 1
      report.frames += count
      let run = ReusableRun(
        frames: part,
        pageClass: .free,
        order: block.order,
        list: block.list
      )
      guard visitor.visit(run) else {
        report.endedEarly = true
        return false
      }
    }
    return true
  }

  /// Whether no page of the block has a veto; if one has, all are counted.
  private mutating func isClean<Source: ByteSource & ~Copyable>(
    _ block: FreeBlock,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) -> Bool {
    // Constants of their own, which the loop need not load anew.
    let rules = rules
    let pages = map.pages
    let bad = report.vetoes.total
    var rest = block.frames
    while !rest.isEmpty {
      let part = FrameRange(
        start: rest.start,
        count: min(rest.count, UInt64(map.capacity))
      )
      do throws(MapError) {
        try map.load(part, from: core)
        let reader = ByteReader(map.bytes)
        var place = Int(part.start.value - map.loaded.start.value)
        place *= pages.size
        for index in 0..<part.count {
          let page: PageDescriptor
          do throws(OutOfBounds) {
            page = try pages.decode(reader, at: place)
          } catch {
            throw .noSection(part.start)
          }
          let isHead = index == 0 && part.start == block.frames.start
          let veto = rules.veto(
            page,
            at: isHead ? .head(order: block.order) : .member
          )
          if let veto { report.vetoes.add(veto, 1) }
          place += pages.size
        }
      } catch {
        report.vetoes.add(.noDescriptor, part.count)
      }
      rest = FrameRange(start: part.end, count: rest.count - part.count)
    }
    let found = report.vetoes.total - bad
    guard found > 0 else { return true }
    report.vetoes.add(.sharedBlock, block.frames.count &- found)
    return false
  }
}
