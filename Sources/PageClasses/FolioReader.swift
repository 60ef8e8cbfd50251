// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// Puts together what the struct pages of a compound page say.
struct FolioReader {
  private let layout: CompoundLayout
  private let rules: PageRules

  init(_ layout: CompoundLayout, _ rules: PageRules) {
    self.layout = layout
    self.rules = rules
  }

  /// A compound page, as far as its head and its second page tell.
  struct Claim {
    let frames: FrameRange
    let folio: Folio
    /// Where the head's struct page is.
    let address: UInt64
    fileprivate let secondFlags: UInt64
    fileprivate let entireMaps: UInt32?
    fileprivate let allMaps: UInt32?
  }

  /// What the head at `frame` claims; nil where the second page is not its
  /// tail, or the order is impossible.
  ///
  /// Maps are not known yet: that takes all of its pages.
  func claim<Source: ByteSource & ~Copyable>(
    _ frame: FrameNumber,
    _ page: PageDescriptor,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) -> Claim? {
    // The counters are in the first four struct pages.
    let room = map.roomInSection(frame)
    let wanted = FrameRange(start: frame, count: min(4, room))
    guard wanted.count > 1 else { return nil }
    try map.load(wanted, from: core)
    let address = try map.address(ofPage: frame, in: core).value
    guard let second = try? map.page(FrameNumber(frame.value + 1)),
      let order = try? map.u8(layout.order, pastPage: frame),
      (1...CompoundLayout.maximumOrder).contains(order),
      frame.value & (1 << UInt64(order) - 1) == 0,
      isTail(second, of: address, order, map.pages.size)
    else { return nil }
    let count: UInt64 = 1 << UInt64(order)
    func counter(_ offset: Int?) -> UInt32? {
      guard let offset, offset + 4 <= Int(count) * map.pages.size else {
        return nil
      }
      return try? map.u32(offset, pastPage: frame)
    }
    // What cannot be read counts as pinned.
    let pins: UInt32
    switch layout.pins {
    case .nowhere: pins = 0
    case .unknown: pins = .max
    case .at(let offset):
      let isInside = offset + 4 <= Int(count) * map.pages.size
      pins = isInside ? counter(offset) ?? .max : 0
    }
    let isHugetlb: Bool
    switch layout.hugetlb {
    case .type: isHugetlb = false
    case .flag(let offset, let mask):
      let word = try? map.u64(offset, pastPage: frame)
      isHugetlb = (word ?? mask) & mask != 0
    case .destructor(let offset, let number):
      isHugetlb = (try? map.u8(offset, pastPage: frame)) == number
    case .unknown: isHugetlb = false
    }
    return Claim(
      frames: FrameRange(start: frame, count: count),
      folio: Folio(
        page,
        order: order,
        isHugetlb: isHugetlb,
        maps: nil,
        pins: pins
      ),
      address: address,
      secondFlags: second.flags,
      entireMaps: counter(layout.entireMaps),
      allMaps: counter(layout.allMaps)
    )
  }

  /// Whether the head at `frame` is the first of a page of struct pages that
  /// is there once more: the next one is another head's tail
  /// (page_fixed_fake_head, include/linux/page-flags.h, v5.18 to v7.0).
  func isFakeHead<Source: ByteSource & ~Copyable>(
    _ frame: FrameNumber,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) -> Bool {
    guard map.roomInSection(frame) > 1 else { return false }
    try map.load(FrameRange(start: frame, count: 2), from: core)
    let address = try map.address(ofPage: frame, in: core).value
    let second = try? map.page(FrameNumber(frame.value + 1))
    guard address & UInt64(Frame.size - 1) == 0, let second else {
      return false
    }
    return second.compoundHead & 1 != 0 && second.compoundHead != address | 1
  }

  /// The folio with its maps counted, or why its pages do not make one.
  func complete<Source: ByteSource & ~Copyable>(
    _ claim: Claim,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) -> (folio: Folio, fault: Veto?) {
    var folio = claim.folio
    let isHugetlb =
      folio.isHugetlb || folio.head.mapCount == rules.types.hugetlb
    // The sum of _mapcount + 1 over all pages.
    var maps = UInt64(folio.head.mapCount &+ 1)
    var rest = FrameRange(
      start: FrameNumber(claim.frames.start.value + 1),
      count: claim.frames.count - 1
    )
    while !rest.isEmpty {
      let room = min(map.roomInSection(rest.start), UInt64(map.capacity))
      let part = FrameRange(start: rest.start, count: min(rest.count, room))
      try map.load(part, from: core)
      for offset in 0..<part.count {
        let frame = FrameNumber(part.start.value + offset)
        guard let page = try? map.page(frame) else {
          return (folio, .halfBuilt)
        }
        if page.flags & rules.flags.poison != 0 {
          return (folio, .hardwarePoison)
        }
        let isTail = isTail(
          page,
          of: claim.address,
          folio.order,
          map.pages.size
        )
        // HVO maps one page of struct pages again and again: where the next
        // one should begin, the head, or its tail, comes again.
        guard isTail || isHugetlb && page == folio.head,
          page.referenceCount == 0
        else { return (folio, .halfBuilt) }
        maps &+= UInt64(page.mapCount &+ 1)
      }
      rest = FrameRange(start: part.end, count: rest.count - part.count)
    }
    folio.maps = isHugetlb ? hugetlbMaps(claim) : allMaps(claim, ofPages: maps)
    return (folio, nil)
  }

  /// How often the folio is mapped, given what its pages' _mapcount add up
  /// to (folio_mapcount, mm/util.c up to v6.1, include/linux/mm.h since).
  private func allMaps(_ claim: Claim, ofPages sum: UInt64) -> UInt64? {
    // The kernel adds them up itself (v6.10, commit 05c5323b2a34 "mm: track
    // mapcount of large folios in single value").
    if let all = claim.allMaps { return UInt64(all &+ 1) }
    guard let entire = claim.entireMaps else { return nil }
    let whole = UInt64(entire &+ 1)
    let isAnonymous = claim.folio.head.mapping & 1 != 0
    guard rules.countsTwice else { return sum &+ whole }
    // Up to v6.1 a file's pages count the maps of the whole too, and a page
    // with PG_double_map counts one for all of them together.
    let count = claim.frames.count
    if !isAnonymous { return sum &+ whole &- whole &* count }
    let isMappedBothWays = claim.secondFlags & rules.flags.doubleMap != 0
    return sum &+ whole &- (isMappedBothWays ? count : 0)
  }

  /// In the pool nobody maps a page; anything else is in use.
  private func hugetlbMaps(_ claim: Claim) -> UInt64? {
    if case .flag = layout.hugetlb { return nil }
    return claim.entireMaps.map { UInt64($0 &+ 1) }
  }

  /// Whether `page` is a tail of the compound page whose head's struct page
  /// is at `address`.
  @inline(__always)
  private func isTail(
    _ page: PageDescriptor,
    of address: UInt64,
    _ order: UInt8,
    _ size: Int
  ) -> Bool {
    if page.compoundHead == address | 1 { return true }
    guard layout.mayHaveMasks else { return false }
    let mask = ~(UInt64(size) << UInt64(order) &- 1)
    return page.compoundHead == mask | 1 && address & ~mask == 0
  }
}
