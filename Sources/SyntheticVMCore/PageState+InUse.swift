// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Pages in use, each with something that a reader must not miss.
extension PageState {
  private static func page(
    _ kind: Folio.Kind,
    maps: UInt32 = 0,
    _ change: (inout Folio) -> Void = { _ in }
  ) -> PageState {
    var folio = Folio(kind, pageMaps: maps)
    change(&folio)
    return .folio(folio)
  }

  /// An anonymous page that is mapped `maps` times and has `strays`
  /// references more.
  public static func anonymous(
    maps: UInt32,
    strays: UInt32 = 0
  ) -> PageState {
    page(.anonymous, maps: maps) { $0.strayReferences = strays }
  }

  /// A page of the page cache that is mapped `maps` times.
  public static func cache(maps: UInt32) -> PageState {
    page(.file, maps: maps)
  }

  /// A page of the page cache that was written to.
  public static let dirtyCache = page(.file) { $0.flags = [.dirty] }

  /// A page of the page cache that a device reads.
  public static let writebackCache = page(.file) { $0.flags = [.writeback] }

  /// A page of the page cache that a device fills: readahead.
  public static let lockedCache = page(.file) {
    $0.flags = [.locked]
    $0.lackedFlags = [.uptodate]
  }

  /// A page of the page cache that somebody waits for.
  public static let awaitedCache = page(.file) { $0.flags = [.waiters] }

  /// A page of the page cache with buffers.
  public static let bufferedCache = page(.file) { $0.hasPrivateData = true }

  /// A page of a tmpfs file.
  public static let shmem = page(.shmem)

  /// An anonymous page on its way to swap space or back.
  public static let swapCached = page(.anonymous, maps: 1) {
    $0.isInSwapCache = true
  }

  /// A page of the swap cache that nobody maps any more.
  public static let swapCachedOnly = page(.anonymous) {
    $0.isInSwapCache = true
  }

  /// A page that KSM found in three places.
  public static let ksm = page(.ksm, maps: 3)

  /// An anonymous page after MADV_FREE.
  public static let lazyFree = page(.anonymous, maps: 1) {
    $0.lackedFlags = [.swapBacked]
  }

  /// An anonymous page that is locked into memory.
  public static let mlocked = page(.anonymous, maps: 1) {
    $0.flags = [.unevictable, .mlocked]
  }

  /// An anonymous page that is pinned for DMA.
  public static let pinned = page(.anonymous, maps: 1) { $0.pins = 1 }

  /// A page of the page cache that is pinned for DMA.
  public static let pinnedCache = page(.file, maps: 1) { $0.pins = 1 }

  /// An anonymous page with a reference that nothing explains.
  public static let strayed = anonymous(maps: 1, strays: 1)

  /// An anonymous page that was taken off the lists, and is held meanwhile.
  public static let isolated = page(.anonymous, maps: 1) {
    $0.lackedFlags = [.lru]
    $0.strayReferences = 1
  }
}

extension PageDescriptor {
  /// Marks the page as one that its driver can move.
  ///
  /// page.mapping leads to the driver's operations and has bit 1 set, until
  /// in v6.17 a flag of its own (PG_movable_ops, the number of PG_uptodate)
  /// and the page type said so.
  mutating func makeMovable(_ state: PageState, _ era: KernelEra) {
    refcount = 1
    lruNext = PageState.mapping + 0x40
    lruPrevious = PageState.mapping + 0x40
    privateData = PageState.mapping + 0x3000
    if era >= .v6_18 {
      flags |= era.flags[.uptodate]
    } else {
      mapping = PageState.mapping | 2
    }
    guard case .balloon = state else {
      // The offset of the first object in the page: until v6.11 it stood
      // for itself, and the page looked mapped.
      mapcount = 0x40 | (era.types[.zsmalloc] ?? 0)
      return
    }
    mapcount = required(era.types[.offline])
  }
}
