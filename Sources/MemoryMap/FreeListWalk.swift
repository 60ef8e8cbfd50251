// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// The buddy allocator's free lists, block by block, the largest order first.
///
/// Every entry must point back to the one it was reached from. So no entry
/// is met twice, in one list or in two, no list is circular without its
/// head, and nothing has to be remembered. A list at fault is left at the
/// fault; the walk goes on with the next list.
public struct FreeListWalk: ~Copyable {
  /// What the walk came upon.
  public enum Step {
    /// A block, whose first struct page is in the window, and those of its
    /// other frames too as far as they fit and the block is aligned.
    case block(FreeBlock)
    /// A list, or all of them, at fault.
    case fault(FreeListFault)
    /// The end of the last list.
    case end
  }

  struct Node {
    let number: UInt16
    let address: UInt64
    let zones: UInt8
  }

  private let layout: FreeListLayout
  private let minimumOrder: Int
  private let nodes: [Node]
  /// The list heads of one free area.
  private var heads: ByteBuffer
  private var order: Int
  private var node = 0
  private var zone = -1
  private var migrateType: Int
  private var cursor: Cursor?

  /// Where the walk stands on a list.
  private struct Cursor {
    let list: FreeList
    let head: UInt64
    var at: UInt64
    var from: UInt64
    var left: UInt64
  }

  /// Finds the nodes and zones; blocks below `minimumOrder` are left out.
  public init<Source: ByteSource & ~Copyable>(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout,
    minimumOrder: UInt8
  ) throws(MapError) {
    let layout: FreeListLayout
    let nodes: [Node]
    do throws(CoreError) {
      layout = try FreeListLayout(kernel, map.pages)
      nodes = try Self.findNodes(layout, kernel, &map.space, core)
    } catch {
      throw .core(error)
    }
    self.layout = layout
    self.nodes = nodes
    self.minimumOrder = Int(minimumOrder)
    heads = ByteBuffer(count: layout.migrateTypes * layout.headSize)
    order = layout.orders - 1
    migrateType = layout.migrateTypes
  }

  /// The next block, or what is wrong with a list.
  public mutating func next<Source: ByteSource & ~Copyable>(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) -> Step {
    while true {
      if let cursor {
        do throws(FreeListFault) {
          if let block = try follow(cursor, &map, core) {
            return .block(block)
          }
          self.cursor = nil
        } catch {
          self.cursor = nil
          return .fault(error)
        }
      }
      guard advance() else { return .end }
      do throws(FreeListFault) {
        cursor = try begin(&map, core)
      } catch {
        return .fault(error)
      }
    }
  }

  /// Steps to the next list: migrate types, then zones, then nodes, then the
  /// next smaller order.
  private mutating func advance() -> Bool {
    guard !nodes.isEmpty else { return false }
    migrateType += 1
    if migrateType < layout.migrateTypes { return order >= minimumOrder }
    migrateType = 0
    zone += 1
    while zone >= Int(nodes[node].zones) {
      zone = 0
      node += 1
      if node == nodes.count {
        node = 0
        order -= 1
        if order < minimumOrder { return false }
      }
    }
    return order >= minimumOrder
  }

  /// Stands at the head of the current list; nil where the list's zone has
  /// no memory.
  private mutating func begin<Source: ByteSource & ~Copyable>(
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(FreeListFault) -> Cursor? {
    let list = FreeList(
      node: nodes[node].number,
      zone: UInt8(zone),
      order: UInt8(order),
      migrateType: UInt8(migrateType)
    )
    let lists =
      nodes[node].address &+ layout.zones
      &+ UInt64(zone) &* layout.zoneSize &+ layout.freeArea
      &+ UInt64(order) &* layout.freeAreaSize &+ layout.list
    let place = migrateType * layout.headSize
    do throws(CoreError) {
      if migrateType == 0 {
        var bytes = heads.mutableBytes
        try map.space.read(VirtualAddress(lists), in: core, into: &bytes)
      }
      let head = lists &+ UInt64(place)
      let first = try Self.u64(heads.bytes, place + layout.next)
      let last = try Self.u64(heads.bytes, place + layout.previous)
      // The lists of a zone without memory are never initialised
      // (mm/mm_init.c, free_area_init_core), and most nodes have such zones.
      guard first != 0 || last != 0 else { return nil }
      return Cursor(
        list: list,
        head: head,
        at: first,
        from: head,
        left: core.loads.byteCount >> (Frame.shift + UInt64(order))
      )
    } catch {
      // The other lists of this free area cannot be read either.
      migrateType = layout.migrateTypes
      throw .head(list, .core(error))
    }
  }

  /// Takes the entry at which the walk stands, or nil at the list's end.
  private mutating func follow<Source: ByteSource & ~Copyable>(
    _ cursor: Cursor,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(FreeListFault) -> FreeBlock? {
    let list = cursor.list
    let entry = VirtualAddress(cursor.at)
    if cursor.at == cursor.head {
      let place = Int(list.migrateType) * layout.headSize + layout.previous
      guard (try? Self.u64(heads.bytes, place)) == cursor.from else {
        throw .backPointer(list, entry)
      }
      return nil
    }
    guard cursor.left > 0 else { throw .endless(list) }
    let page = VirtualAddress(cursor.at &- UInt64(layout.lru))
    guard let frame = map.frame(ofPage: page) else {
      throw .pointer(list, entry)
    }
    let block = FreeBlock(start: frame, order: list.order, list: list)
    let wanted = block.isAligned ? block.frames.count : 1
    do throws(MapError) {
      guard try map.address(ofPage: frame, in: core) == page else {
        throw .badSection(frame)
      }
      try map.load(
        FrameRange(start: frame, count: min(wanted, UInt64(map.capacity))),
        from: core
      )
    } catch {
      throw .page(list, entry, error)
    }
    let links: (next: UInt64, previous: UInt64)
    do throws(CoreError) {
      let place = (try? map.place(of: frame)) ?? 0
      links.next = try Self.u64(map.bytes, place + layout.lru + layout.next)
      links.previous = try Self.u64(
        map.bytes,
        place + layout.lru + layout.previous
      )
    } catch {
      throw .page(list, entry, .core(error))
    }
    guard links.previous == cursor.from else {
      throw .backPointer(list, entry)
    }
    self.cursor = Cursor(
      list: list,
      head: cursor.head,
      at: links.next,
      from: cursor.at,
      left: cursor.left - 1
    )
    return block
  }
}
