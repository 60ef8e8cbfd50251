// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import VMCore

/// Where nodes, zones, free areas and list heads keep their fields
/// (include/linux/mmzone.h), as VMCOREINFO has it.
struct FreeListLayout {
  /// Zones are a handful (MAX_NR_ZONES is at most 6).
  static let maximumZones: UInt64 = 16
  /// Nodes are at most 1024 (MAX_NUMNODES).
  static let maximumNodes: UInt64 = 4096

  let zones: UInt64
  let zoneCount: UInt64
  let zoneSize: UInt64
  let freeArea: UInt64
  let freeAreaSize: UInt64
  /// How many orders there are.
  let orders: Int
  let list: UInt64
  /// How many lists of one order there are, one for each migrate type.
  let migrateTypes: Int
  let headSize: Int
  let next: Int
  let previous: Int
  /// The list head in a struct page.
  let lru: Int
  let pageSize: Int

  init(_ layout: KernelLayout, _ pages: PageLayout) throws(CoreError) {
    zones = UInt64(try layout.require(.nodeZones, in: 0...1 << 24))
    zoneCount = UInt64(try layout.require(.nodeZoneCount, in: 0...1 << 24))
    zoneSize = UInt64(try layout.require(.zoneSize, in: 8...1 << 20))
    freeArea = UInt64(try layout.require(.zoneFreeArea, in: 0...1 << 20))
    freeAreaSize = UInt64(try layout.require(.freeAreaSize, in: 8...65_536))
    orders = try Self.orders(layout)
    list = UInt64(try layout.require(.freeAreaList, in: 0...65_536))
    migrateTypes = try layout.require(.freeAreaListLength, in: 1...64)
    headSize = try layout.require(.listHeadSize, in: 16...64)
    // Lists, areas and zones lie behind one another: no list is met twice.
    guard list + UInt64(migrateTypes * headSize) <= freeAreaSize else {
      throw .implausible(.freeAreaSize, freeAreaSize)
    }
    guard freeArea + UInt64(orders) * freeAreaSize <= zoneSize else {
      throw .implausible(.zoneSize, zoneSize)
    }
    let word = 0...UInt64(headSize - 8)
    next = try layout.require(.listHeadNext, in: word)
    previous = try layout.require(.listHeadPrevious, in: word)
    pageSize = pages.size
    lru = try layout.require(
      .pageLRU,
      in: 0...UInt64(max(0, pages.size - headSize))
    )
  }

  /// How many orders the buddy allocator has, 11 as a rule.
  static func orders(_ layout: KernelLayout) throws(CoreError) -> Int {
    try layout.require(.zoneFreeAreaLength, in: 1...21)
  }
}
