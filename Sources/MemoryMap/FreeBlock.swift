// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Frames that the memory map claims are one free block.
public struct FreeBlock: Equatable, Sendable {
  /// The block's frames, 2^order of them; not aligned where the claim is
  /// wrong.
  public let frames: FrameRange
  /// log2 of the number of frames.
  public let order: UInt8
  /// The list that it is on; nil where the linear scan found it.
  public let list: FreeList?

  /// Makes the claim that 2^`order` frames from `start` on are free.
  public init(start: FrameNumber, order: UInt8, list: FreeList?) {
    frames = FrameRange(start: start, count: 1 << UInt64(order))
    self.order = order
    self.list = list
  }

  /// Whether the block begins where one of its order can.
  public var isAligned: Bool {
    frames.start.value & (frames.count - 1) == 0
  }
}

/// One of the buddy allocator's lists of free blocks.
public struct FreeList: Equatable, Sendable {
  /// The node's place in node_data; 0 without NUMA.
  public let node: UInt16
  /// The zone's place in the node's node_zones.
  public let zone: UInt8
  /// The order of the list's blocks.
  public let order: UInt8
  /// The list's place in the free area's free_list.
  public let migrateType: UInt8
}

/// What is wrong with the free lists, or with one of them.
public enum FreeListFault: Error, Equatable, Sendable {
  /// The nodes and zones cannot be found.
  case noNodes(MapError)
  /// The list's head cannot be read.
  case head(FreeList, MapError)
  /// Something on the list points where no struct page in use is.
  case pointer(FreeList, VirtualAddress)
  /// A struct page on the list cannot be read.
  case page(FreeList, VirtualAddress, MapError)
  /// The entry at the address does not point back to the one before it.
  case backPointer(FreeList, VirtualAddress)
  /// The list has more entries than the machine has blocks.
  case endless(FreeList)
}
