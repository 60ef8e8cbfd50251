// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Nodes and zones: pglist_data, node_zones, free_area.
extension MachineBuilder {
  /// The zones of x86-64 by their last frame; Movable and Device stay empty.
  static let zoneEnds: [UInt64] = [1 << 12, 1 << 20, 1 << 52]

  static func zone(of frame: UInt64) -> Int {
    zoneEnds.firstIndex { frame < $0 } ?? 2
  }

  func node(of frame: UInt64) -> Int {
    // A hole belongs to the node of the memory in front of it.
    machine.memory.last {
      $0.range.lowerBound >> Frame.shift <= frame
    }?.node ?? machine.memory.first?.node ?? 0
  }

  /// Node and zone, where page.flags holds them, and below them who used the
  /// page last, which is nobody (NODES_SHIFT 10, five zones, no sections,
  /// 21 bits of LAST_CPUPID: include/linux/page-flags-layout.h).
  func placement(of frame: UInt64) -> UInt64 {
    UInt64(node(of: frame)) << 54 | UInt64(Self.zone(of: frame)) << 51
      | 0x1f_ffff << 30
  }

  mutating func writeNodes() {
    let count = (machine.memory.map(\.node).max() ?? 0) + 1
    for node in 0..<count {
      let banks = machine.memory.filter { $0.node == node }
      guard let start = banks.map(\.range.lowerBound).min(),
        let end = banks.map(\.range.upperBound).max()
      else { continue }
      writeNode(node, start >> Frame.shift..<end >> Frame.shift)
    }
  }

  private mutating func writeNode(_ id: Int, _ frames: Range<UInt64>) {
    let place = allocate(UInt64(layout.pglistData))
    let data = machine.textPhysical + Image.nodeData
    memory.store64(direct(place), at: data + UInt64(id) * 8)
    let online = machine.textPhysical + Image.nodeOnlineMap
    let word = online + UInt64(id / 64) * 8
    memory.store64(memory.load64(at: word) | 1 << UInt64(id % 64), at: word)
    let at = { (offset: Int) in place + UInt64(offset) }
    memory.store64(frames.lowerBound, at: at(layout.nodeStart))
    memory.store64(UInt64(frames.count), at: at(layout.nodeSpanned - 8))
    memory.store64(UInt64(frames.count), at: at(layout.nodeSpanned))
    memory.store(littleEndian(Int32(id)), at: at(layout.nodeID))
    let zones = Self.zone(of: frames.upperBound - 1) + 1
    memory.store(littleEndian(Int32(zones)), at: at(layout.nrZones))
    nodes.append(SyntheticNode(id: id, frames: frames, physical: place))

    var zoneStart: UInt64 = 0
    for zone in 0..<zones {
      let end = Self.zoneEnds[zone]
      let spanned = frames.clamped(to: zoneStart..<end)
      zoneStart = end
      // The lists of a zone without memory stay zero, as in the kernel.
      guard !spanned.isEmpty else { continue }
      memory.store64(
        UInt64(spanned.count),
        at: at(zone * layout.zone + layout.spannedPages)
      )
      for order in 0..<layout.orders {
        for type in 0..<layout.freeLists {
          let head = freeList(place, zone, order, type)
          memory.store64(direct(head), at: head)
          memory.store64(direct(head), at: head + 8)
        }
      }
    }
  }

  /// Where the head of a free list lies in physical memory.
  func freeList(
    _ node: UInt64,
    _ zone: Int,
    _ order: Int,
    _ type: Int
  ) -> UInt64 {
    node
      + UInt64(
        zone * layout.zone + layout.freeArea + order * layout.freeAreaSize
          + type * 16
      )
  }
}

/// A node as it was written down.
struct SyntheticNode: Sendable {
  let id: Int
  let frames: Range<UInt64>
  /// Its pglist_data.
  let physical: UInt64
}
