// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

extension FreeListWalk {
  /// The nodes that the kernel has: node_data's, or the only one.
  static func findNodes<Source: ByteSource & ~Copyable>(
    _ layout: FreeListLayout,
    _ kernel: KernelLayout,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>
  ) throws(CoreError) -> [Node] {
    var nodes: [Node] = []
    guard let table = kernel[.nodeData] else {
      let address = try kernel.require(.onlyNode)
      try add(0, address, &nodes, layout, &space, core)
      return nodes
    }
    let count = try kernel.require(
      .nodeDataLength,
      in: 1...FreeListLayout.maximumNodes
    )
    var pointers = ByteBuffer(count: count * 8)
    var span = pointers.mutableBytes
    try space.read(VirtualAddress(table), in: core, into: &span)
    for number in 0..<count {
      let address = try u64(pointers.bytes, number * 8)
      // Nodes that are not there have no pglist_data.
      guard address != 0 else { continue }
      try add(UInt16(number), address, &nodes, layout, &space, core)
    }
    guard !nodes.isEmpty else { throw .implausible(.nodeData, table) }
    return nodes
  }

  private static func add<Source: ByteSource & ~Copyable>(
    _ number: UInt16,
    _ address: UInt64,
    _ nodes: inout [Node],
    _ layout: FreeListLayout,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>
  ) throws(CoreError) {
    let word = try space.u64(
      VirtualAddress(address &+ layout.zoneCount),
      in: core
    )
    // nr_zones is an int.
    let zones = word & 0xffff_ffff
    guard zones <= FreeListLayout.maximumZones else {
      throw .implausible(.nodeZoneCount, zones)
    }
    // Nodes lie apart by all their zones; one that is listed twice would
    // have its blocks found twice.
    for node in nodes {
      let distance = max(node.address, address) - min(node.address, address)
      guard distance >= layout.zoneSize * UInt64(max(node.zones, 1)) else {
        throw .implausible(.nodeData, address)
      }
    }
    nodes.append(Node(number: number, address: address, zones: UInt8(zones)))
  }

  /// The number at `offset`, which the layout keeps inside `bytes`.
  static func u64(
    _ bytes: RawSpan,
    _ offset: Int
  ) throws(CoreError) -> UInt64 {
    do throws(OutOfBounds) {
      return try ByteReader(bytes).u64(at: offset)
    } catch {
      throw .implausible(.listHeadSize, UInt64(clamping: offset))
    }
  }
}
