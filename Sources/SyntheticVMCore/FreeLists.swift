// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// A block on a free list of the built machine.
public struct SyntheticBlock: Sendable, Equatable {
  /// The block's frames, aligned to their number.
  public let frames: FrameRange
  /// log2 of the number of frames.
  public let order: Int
  /// The node that owns the list.
  public let node: Int
  /// The zone that owns the list: 0 DMA, 1 DMA32, 2 Normal.
  public let zone: Int
  /// The list of the order: 0 unmovable, 1 movable, 2 reclaimable.
  public let type: Int
}

/// What frames are used for, and the free lists that follow from it.
extension MachineBuilder {
  /// Runs of frames in one state, in order, without overlaps.
  private var runs: [(frames: Range<UInt64>, state: PageState)] {
    var wanted = machine.memory.map {
      (frames: $0.range.frames, state: machine.remaining)
    }
    // Firmware keeps the first MiB's tables and the kernel leaves it alone.
    wanted.append((0..<0x100, .reserved))
    wanted += machine.contents.map {
      ($0.frames.start.value..<$0.frames.end.value, $0.state)
    }
    if let crash = machine.crashKernel {
      wanted.append((crash.frames, .reserved))
    }
    let start = machine.textPhysical
    wanted.append(((start..<start + Image.count).frames, .reserved))
    wanted += claims.map { ($0.frames, .kernel) }
    return paint(wanted).flatMap { run in
      machine.memory.map(\.range.frames).filter { $0.overlaps(run.frames) }
        .map { (run.frames.clamped(to: $0), run.state) }
    }
  }

  /// Lays ranges over one another, the later one on top, and cuts what comes
  /// of it at the borders of zones.
  private func paint(
    _ wanted: [(frames: Range<UInt64>, state: PageState)]
  ) -> [(frames: Range<UInt64>, state: PageState)] {
    var cuts = Set(Self.zoneEnds)
    for range in wanted {
      cuts.insert(range.frames.lowerBound)
      cuts.insert(range.frames.upperBound)
    }
    let edges = cuts.sorted()
    let starts = wanted.indices.sorted {
      wanted[$0].frames.lowerBound < wanted[$1].frames.lowerBound
    }
    var open: [Int] = []
    var next = 0
    var runs: [(frames: Range<UInt64>, state: PageState)] = []
    for (from, to) in zip(edges, edges.dropFirst()) {
      while next < starts.count,
        wanted[starts[next]].frames.lowerBound <= from
      {
        open.append(starts[next])
        next += 1
      }
      open.removeAll { wanted[$0].frames.upperBound <= from }
      guard let top = open.max() else { continue }
      runs.append((from..<to, wanted[top].state))
    }
    return runs
  }

  mutating func writeContents() {
    for section in presentSections {
      let start = section * Self.sectionFrames
      // Holes are reserved; what is memory is written over below.
      for frames in split(start..<start + Self.sectionFrames) {
        setPages(frames, .reserved)
      }
    }
    var free: [Range<UInt64>] = []
    for run in runs {
      setPages(run.frames, run.state)
      guard run.state.isFree else { continue }
      if let last = free.last, last.upperBound == run.frames.lowerBound,
        split(last.lowerBound..<run.frames.upperBound).count == 1
      {
        free[free.count - 1] = last.lowerBound..<run.frames.upperBound
      } else {
        free.append(run.frames)
      }
    }
    for frames in free { cutIntoBlocks(frames) }
  }

  /// `frames` cut where another zone or node begins.
  private func split(_ frames: Range<UInt64>) -> [Range<UInt64>] {
    var cuts = Set(
      Self.zoneEnds + machine.memory.map(\.range.frames.lowerBound)
    )
    cuts = cuts.filter { frames.contains($0) && $0 != frames.lowerBound }
    let edges = [frames.lowerBound] + cuts.sorted() + [frames.upperBound]
    return zip(edges, edges.dropFirst()).map { $0..<$1 }
  }

  private mutating func cutIntoBlocks(_ frames: Range<UInt64>) {
    var frame = frames.lowerBound
    while frame < frames.upperBound {
      var order = min(frame.trailingZeroBitCount, layout.orders - 1)
      while frame + 1 << order > frames.upperBound { order -= 1 }
      freeBlocks.append(
        SyntheticBlock(
          frames: FrameRange(start: FrameNumber(frame), count: 1 << order),
          order: order,
          node: node(of: frame),
          zone: Self.zone(of: frame),
          // One migration type per pageblock, several in use.
          type: Int(frame >> 10 % 3)
        )
      )
      frame += 1 << order
    }
  }

  mutating func linkFreeBlocks() {
    var tails: [UInt64: UInt64] = [:]
    var areas: [UInt64: UInt64] = [:]
    for block in freeBlocks {
      let frame = block.frames.start
      guard let place = pagePlace(frame.value),
        let node = nodes.first(where: { $0.id == block.node })
      else { preconditionFailure("a free block outside of memory") }
      let head = freeList(node.physical, block.zone, block.order, block.type)
      let tail = tails[head] ?? direct(head)
      let link = pageAddress(frame) + 8
      var page = descriptor(
        of: frame.value,
        in: .buddy(order: UInt64(block.order))
      )
      page.lruNext = direct(head)
      page.lruPrevious = tail
      memory.store(page.bytes, at: place)
      memory.store64(link, at: physical(tail))
      memory.store64(link, at: head + 8)
      tails[head] = link
      let area = freeList(node.physical, block.zone, block.order, 0)
      areas[area, default: 0] += 1
      let zone = node.physical + UInt64(block.zone * layout.zone)
      let counter = zone + UInt64(layout.vmStat)
      memory.store64(
        memory.load64(at: counter) + block.frames.count,
        at: counter
      )
    }
    for (area, count) in areas {
      memory.store64(count, at: area + UInt64(layout.freeLists * 16))
    }
  }

  /// Physical address of a list_head, in the direct mapping or in vmemmap.
  private func physical(_ link: UInt64) -> UInt64 {
    if link >= machine.vmemmap, machine.vmemmap > machine.pageOffset {
      let offset = link - machine.vmemmap
      let frame = offset / UInt64(layout.page)
      return required(pagePlace(frame)) + offset % UInt64(layout.page)
    }
    return link - machine.pageOffset
  }
}

extension Range<UInt64> {
  /// The frames of a range of bytes.
  var frames: Range<UInt64> {
    lowerBound >> Frame.shift..<upperBound >> Frame.shift
  }
}
