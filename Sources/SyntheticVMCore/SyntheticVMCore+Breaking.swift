// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Ways to break a built machine where the kernel's structs lie.
extension SyntheticVMCore {
  /// The address of `frame`'s struct page.
  public func pageAddress(of frame: FrameNumber) -> VirtualAddress {
    VirtualAddress(builder.pageAddress(frame))
  }

  /// The physical address behind `address`, nil where nothing is mapped.
  public func physical(_ address: VirtualAddress) -> PhysicalAddress? {
    builder.tables.mappings.first {
      address.value >= $0.virtual && address.value - $0.virtual < $0.count
    }.map { PhysicalAddress($0.physical + address.value - $0.virtual) }
  }

  /// The address of the pglist_data of `node`.
  public func nodeAddress(_ node: Int) -> VirtualAddress? {
    builder.nodes.first { $0.id == node }.map {
      VirtualAddress(builder.direct($0.physical))
    }
  }

  /// The address of the list_head that `block` is linked to.
  public func freeList(of block: SyntheticBlock) -> VirtualAddress {
    let node = required(builder.nodes.first { $0.id == block.node })
    return VirtualAddress(
      builder.direct(
        builder.freeList(node.physical, block.zone, block.order, block.type)
      )
    )
  }

  /// The address of the list_head in the struct page of `frame`.
  public func link(of frame: FrameNumber) -> VirtualAddress {
    VirtualAddress(builder.pageAddress(frame) + 8)
  }

  /// The number that the kernel would find at `address`.
  public func load64(_ address: VirtualAddress) -> UInt64? {
    physical(address).map { memory.load64(at: $0.value) }
  }

  /// Writes a 64-bit number where the kernel has `address`.
  public mutating func store64(_ number: UInt64, at address: VirtualAddress) {
    guard let place = physical(address) else {
      preconditionFailure("nothing is mapped at \(address)")
    }
    memory.store64(number, at: place.value)
  }

  /// The 64-bit number at a physical address.
  public func load64(physical address: UInt64) -> UInt64 {
    memory.load64(at: address)
  }

  /// Writes a 64-bit number at a physical address.
  public mutating func store64(_ number: UInt64, physical address: UInt64) {
    memory.store64(number, at: address)
  }

  /// Gives `frame` the struct page of another state; free lists stay as they
  /// are.
  public mutating func setPage(_ frame: FrameNumber, _ state: PageState) {
    let page = builder.descriptor(of: frame.value, in: state)
    memory.store(page.bytes, at: required(builder.pagePlace(frame.value)))
  }

  /// Gives all frames of the folio that `frame` is in its struct pages; free
  /// lists stay as they are.
  public mutating func setFolio(_ frame: FrameNumber, _ folio: Folio) {
    let start = folio.head(of: frame.value)
    for frame in start..<start + UInt64(folio.count) {
      setPage(FrameNumber(frame), .folio(folio))
    }
  }

  /// Links the first page of `block` into its list again, whatever else the
  /// page says now; `setPage` took its links.
  public mutating func relink(_ block: SyntheticBlock) {
    move(block, by: 0)
  }

  /// Lets the list have another page in the place of `block`'s first one:
  /// the page `distance` behind it, which claims the same order.
  public mutating func move(_ block: SyntheticBlock, by distance: UInt64) {
    let head = freeList(of: block)
    let start = block.frames.start
    let peers = freeBlocks.filter {
      $0.node == block.node && $0.zone == block.zone
        && $0.order == block.order && $0.type == block.type
    }
    guard let index = peers.firstIndex(of: block) else { return }
    let previous = index > 0 ? link(of: peers[index - 1].frames.start) : head
    let next =
      index + 1 < peers.count ? link(of: peers[index + 1].frames.start) : head
    let place = FrameNumber(start.value + distance)
    if distance > 0 {
      setPage(start, .free)
      setPage(place, .buddy(order: UInt64(block.order)))
    }
    let entry = link(of: place)
    // compound_head shares the word with lru.next: a tail stays one.
    let word = load64(entry) ?? 0
    if word & 1 == 0 { store64(next.value, at: entry) }
    store64(previous.value, at: VirtualAddress(entry.value + 8))
    store64(entry.value, at: previous)
    store64(entry.value, at: VirtualAddress(next.value + 8))
  }

  /// Sets the sixth field of struct page, which holds a free block's order.
  public mutating func setPrivate(_ frame: FrameNumber, _ value: UInt64) {
    let place = required(builder.pagePlace(frame.value))
    memory.store64(value, at: place + 40)
  }
}
