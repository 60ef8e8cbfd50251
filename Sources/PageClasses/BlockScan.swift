// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// One pass over all struct pages for free blocks of certain orders.
struct BlockScan {
  let orders: ClosedRange<UInt8>
  /// Whether frames in no block are counted by reason.
  let countsOthers: Bool
  private var scan = MapScan()

  init(orders: ClosedRange<UInt8>, countsOthers: Bool) {
    self.orders = orders
    self.countsOthers = countsOthers
  }

  mutating func run<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ inspector: inout BlockInspector,
    _ visitor: inout Visitor
  ) throws(MapError) {
    while true {
      switch try scan.next(&map, core) {
      case .end:
        return
      case .hole(let frames):
        count(.noDescriptor, frames.count, &inspector)
      case .frames(let frames):
        guard try take(frames, &map, core, &inspector, &visitor) else {
          return
        }
      }
    }
  }

  /// Goes through one window; false when the visitor has had enough.
  private mutating func take<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ frames: FrameRange,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ inspector: inout BlockInspector,
    _ visitor: inout Visitor
  ) throws(MapError) -> Bool {
    var frame = frames.start
    while frame < frames.end {
      let page: PageDescriptor
      do throws(OutOfBounds) {
        page = try map.page(frame)
      } catch {
        // A block reached past the window and moved it.
        scan.resume(at: frame)
        return true
      }
      if page.mapCount == inspector.rules.buddy,
        page.privateData < inspector.orders
      {
        let block = FreeBlock(
          start: frame,
          order: UInt8(page.privateData),
          list: nil
        )
        if block.isAligned {
          frame = block.frames.end
          guard orders.contains(block.order) else { continue }
          guard try inspector.inspect(block, &map, core, &visitor) else {
            return false
          }
          continue
        }
      }
      if countsOthers { judge(page, frame, &inspector) }
      frame = FrameNumber(frame.value + 1)
    }
    scan.skip(to: frame)
    return true
  }

  /// Counts a page in no block, or one that claims to begin an impossible
  /// one.
  private func judge(
    _ page: PageDescriptor,
    _ frame: FrameNumber,
    _ inspector: inout BlockInspector
  ) {
    if page.mapCount == inspector.rules.buddy {
      inspector.report.free += 1
      inspector.report.vetoes.add(
        page.privateData < inspector.orders ? .alignment : .order,
        1
      )
    } else {
      count(
        inspector.rules.veto(page, at: .outside) ?? .notListed,
        1,
        &inspector
      )
    }
  }

  private func count(
    _ veto: Veto,
    _ frames: UInt64,
    _ inspector: inout BlockInspector
  ) {
    guard countsOthers else { return }
    inspector.report.other += frames
    inspector.report.vetoes.add(veto, frames)
  }
}
