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
      keep(block.frames, .free, .alignment, &visitor)
      return true
    }
    guard try isClean(block, &map, core, &visitor) else { return true }
    return take(
      block.frames,
      Judgement(.free, nil),
      order: block.order,
      list: block.list,
      core.loads,
      &visitor
    )
  }

  /// Whether no page of the block has a veto; if one has, all are kept.
  private mutating func isClean<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ block: FreeBlock,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ visitor: inout Visitor
  ) throws(MapError) -> Bool {
    // Up to which frame of the block all is told.
    var told = block.frames.start
    var isClean = true
    var rest = block.frames
    while !rest.isEmpty {
      let part = FrameRange(
        start: rest.start,
        count: min(rest.count, UInt64(map.capacity))
      )
      rest = FrameRange(start: part.end, count: rest.count - part.count)
      do throws(MapError) {
        try map.load(part, from: core)
        let hasHead = part.start == block.frames.start
        if try areAllFree(part, order: hasHead ? block.order : nil, map) {
          continue
        }
        isClean = false
        for index in 0..<part.count {
          let frame = FrameNumber(part.start.value + index)
          let isHead = index == 0 && hasHead
          guard let page = try? map.page(frame) else {
            throw .noSection(frame)
          }
          let veto = rules.veto(
            page,
            at: isHead ? .head(order: block.order) : .member
          )
          guard let veto else { continue }
          tell(&told, FrameRange(start: frame, count: 1), veto, &visitor)
        }
      } catch {
        let from = max(told, part.start)
        let unread = FrameRange(
          start: from,
          count: part.end.value - from.value
        )
        tell(&told, unread, error.veto, &visitor)
        isClean = false
      }
    }
    guard !isClean else { return true }
    let end = FrameRange(start: block.frames.end, count: 0)
    tell(&told, end, .sharedBlock, &visitor)
    return false
  }

  /// Whether all pages of a part of a block, which are in the window, look
  /// free; `order` is the block's where the part begins with its first page.
  private func areAllFree(
    _ frames: FrameRange,
    order: UInt8?,
    _ map: borrowing MemoryMap
  ) throws(MapError) -> Bool {
    // Constants of their own, which the loop need not load anew.
    let rules = rules
    let pages = map.pages
    do throws(OutOfBounds) {
      var place = try map.place(of: frames.start)
      let end = place + Int(frames.count) * pages.size
      let reader = ByteReader(map.bytes)
      if let order {
        let head = try pages.decode(reader, at: place)
        guard rules.veto(head, at: .head(order: order)) == nil else {
          return false
        }
        place += pages.size
      }
      var odd: UInt64 = 0
      while place < end {
        let page = try pages.decode(reader, at: place)
        odd |= rules.oddity(page, type: PageRules.untyped)
        place += pages.size
      }
      return odd == 0
    } catch { throw .noSection(frames.start) }
  }

  /// Keeps `frames` for a reason of their own, and those between them and the
  /// ones before because they share a block with them.
  private mutating func tell<Visitor: FrameVisitor & ~Copyable>(
    _ told: inout FrameNumber,
    _ frames: FrameRange,
    _ veto: Veto,
    _ visitor: inout Visitor
  ) {
    let count = frames.start.value - told.value
    if count > 0 {
      let between = FrameRange(start: told, count: count)
      keep(between, .free, .sharedBlock, &visitor)
    }
    told = frames.end
    if !frames.isEmpty { keep(frames, .free, veto, &visitor) }
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
