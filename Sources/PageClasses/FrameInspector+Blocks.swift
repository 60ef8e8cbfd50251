// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// Free blocks, page by page.
extension FrameInspector {
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
    guard block.isAligned else {
      count(block.frames, .free, .alignment)
      return true
    }
    guard try isClean(block, &map, core) else { return true }
    return take(
      block.frames,
      Judgement(.free, nil),
      order: block.order,
      list: block.list,
      core.loads,
      &visitor
    )
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
    var found: UInt64 = 0
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
          if let veto {
            let frame = FrameNumber(part.start.value + index)
            count(FrameRange(start: frame, count: 1), .free, veto)
            found += 1
          }
          place += pages.size
        }
      } catch {
        count(part, .free, error.veto)
        found = min(block.frames.count, found + part.count)
      }
      rest = FrameRange(start: part.end, count: rest.count - part.count)
    }
    guard found > 0 else { return true }
    report.tally.add(.free, .sharedBlock, block.frames.count &- found)
    if let watched, block.frames.contains(watched), verdict == nil {
      keepVerdict(Judgement(.free, .sharedBlock))
    }
    return false
  }
}

extension MapError {
  /// Why frames without a struct page are not lent.
  var veto: Veto {
    switch self {
    case .noSection, .badSection, .noSections: .sectionNotOnline
    case .core: .noDescriptor
    }
  }
}
