// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// One pass over the struct pages, in order of address.
struct MapPass {
  /// What of a machine's memory a pass looks at.
  enum Scope {
    /// Free blocks of these orders only.
    case blocks(ClosedRange<UInt8>)
    /// Every page, free blocks of at least this order being handed out.
    case everything(minimumOrder: UInt8)
  }

  let scope: Scope
  /// Where the pass ends, whatever comes behind.
  var end = FrameNumber(.max)
  private var scan = MapScan()

  init(_ scope: Scope) { self.scope = scope }

  /// Begins at `frame` instead of frame 0.
  mutating func begin(at frame: FrameNumber) { scan.resume(at: frame) }

  mutating func run<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ inspector: inout FrameInspector,
    _ visitor: inout Visitor
  ) throws(MapError) {
    while scan.position < end {
      switch try scan.next(&map, core) {
      case .end:
        return
      case .hole(let frames, let error):
        guard judgesPages else { continue }
        inspector.keep(frames, .kernel, error.veto, &visitor)
      case .frames(let frames):
        guard try take(frames, &map, core, &inspector, &visitor) else {
          return
        }
      }
    }
  }

  private var judgesPages: Bool {
    if case .everything = scope { true } else { false }
  }

  private func handsOut(_ order: UInt8) -> Bool {
    switch scope {
    case .blocks(let orders): orders.contains(order)
    case .everything(let minimum): order >= minimum
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
    _ inspector: inout FrameInspector,
    _ visitor: inout Visitor
  ) throws(MapError) -> Bool {
    var frame = frames.start
    while frame < frames.end {
      let left = FrameRange(
        start: frame,
        count: frames.end.value - frame.value
      )
      let run: SmallPages
      do throws(OutOfBounds) {
        run = try SmallPages(left, map, inspector.rules)
      } catch {
        // A block or folio reached past the window and moved it.
        scan.resume(at: frame)
        return true
      }
      if run.count > 0 {
        frame.value += run.count
        guard judgesPages else { continue }
        let small = FrameRange(start: left.start, count: run.count)
        guard
          inspector.take(
            small,
            run.judgement,
            order: 0,
            list: nil,
            core.loads,
            &visitor
          )
        else { return false }
        continue
      }
      guard
        try takeLarge(&frame, run.next, &map, core, &inspector, &visitor)
      else { return false }
    }
    scan.skip(to: frame)
    return true
  }

  /// Takes what begins at `frame` with a page that is not small, and goes on
  /// to what comes behind it.
  private func takeLarge<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    _ frame: inout FrameNumber,
    _ page: PageDescriptor,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ inspector: inout FrameInspector,
    _ visitor: inout Visitor
  ) throws(MapError) -> Bool {
    let start = frame
    if page.mapCount == inspector.rules.buddy {
      guard page.privateData < inspector.orders else {
        return skip(&frame, .free, .order, &inspector, &visitor)
      }
      let order = UInt8(page.privateData)
      let block = FreeBlock(start: start, order: order, list: nil)
      guard block.isAligned else {
        return skip(&frame, .free, .alignment, &inspector, &visitor)
      }
      frame = block.frames.end
      guard handsOut(order) else { return true }
      return try inspector.inspect(block, &map, core, &visitor)
    }
    guard page.compoundHead & 1 == 0 else {
      return skip(&frame, .kernel, .tail, &inspector, &visitor)
    }
    guard judgesPages else {
      frame.value += 1
      return true
    }
    let count: UInt64?
    do throws(MapError) {
      count = try inspector.inspect(
        compound: start,
        page,
        &map,
        core,
        &visitor
      )
    } catch {
      return skip(&frame, .kernel, error.veto, &inspector, &visitor)
    }
    guard let count else { return false }
    frame = FrameRange(start: start, count: count).end
    return true
  }

  private func skip<Visitor: FrameVisitor & ~Copyable>(
    _ frame: inout FrameNumber,
    _ pageClass: PageClass,
    _ veto: Veto,
    _ inspector: inout FrameInspector,
    _ visitor: inout Visitor
  ) -> Bool {
    if judgesPages {
      let alone = FrameRange(start: frame, count: 1)
      inspector.keep(alone, pageClass, veto, &visitor)
    }
    frame.value += 1
    return true
  }
}

/// Pages from some frame on that are in no block and in no compound page, and
/// are judged alike.
struct SmallPages {
  private(set) var judgement = Judgement(.kernel, nil)
  private(set) var count: UInt64 = 0
  /// The first page, where there are none.
  private(set) var next: PageDescriptor

  @inline(__always)
  init(
    _ frames: FrameRange,
    _ map: borrowing MemoryMap,
    _ rules: PageRules
  ) throws(OutOfBounds) {
    let pages = map.pages
    let reader = ByteReader(map.bytes)
    var place = try map.place(of: frames.start)
    // The window may have moved and hold less than the caller thinks.
    let left = map.loaded.end.value - frames.start.value
    let end = place + Int(min(frames.count, left)) * pages.size
    next = try pages.decode(reader, at: place)
    while place < end {
      let page = try pages.decode(reader, at: place)
      guard !Self.isLarge(page, rules) else { return }
      let found = rules.judge(Folio(page))
      if count == 0 { judgement = found }
      guard found == judgement else { return }
      count += 1
      place += pages.size
    }
  }

  @inline(__always)
  private static func isLarge(
    _ page: PageDescriptor,
    _ rules: PageRules
  ) -> Bool {
    page.mapCount == rules.buddy || page.flags & rules.flags.head != 0
      || page.compoundHead & 1 != 0
  }
}
