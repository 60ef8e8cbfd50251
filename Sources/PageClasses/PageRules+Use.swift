// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import MemoryMap

/// Pages that are not free: what they are, and whether somebody may still
/// write to them, or read from them.
///
/// The order of the tests is makedumpfile's (__exclude_unnecessary_pages).
/// What decides that a page is idle: no flag of I/O, no pin, and every
/// reference accounted for. A page has one reference for each mapping, one
/// from the page cache or the swap cache for each of its pages, and one for
/// private data; whoever does I/O on it holds one more, or has locked it.
extension PageRules {
  /// What a pin adds to _refcount of a page that does not count its pins
  /// (GUP_PIN_COUNTING_BIAS, v5.6).
  static let pinBias: UInt32 = 1024

  /// What the folio is, and the first reason, other than a dump level's, why
  /// it is not lent.
  ///
  /// This is the whole decision; it looks at nothing but its argument.
  @inline(__always)
  public func judge(_ folio: Folio) -> Judgement {
    let page = folio.head
    let set = page.flags
    if set & (flags.poison | flags.slab | flags.reserved) != 0
      || Int32(bitPattern: page.mapCount) < -1 || folio.isHugetlb
    {
      return judgeMarked(folio)
    }
    let isCache =
      set & flags.lru != 0
      || set & flags.swapCache != 0 && set & flags.swapBacked != 0
    if isCache, page.mapping & 1 == 0 {
      return judgeCache(folio)
    }
    if page.mapping & 1 != 0 {
      return Judgement(
        folio.order == 0 ? .anonymous : .largeAnonymous,
        page.mapping < 1 << 63
          ? .mapping
          : set & flags.lru == 0
            ? .isolated
            : veto(
              folio,
              cached: set & flags.swapCache != 0
                && set & flags.swapBacked != 0
            )
      )
    }
    return Judgement(.kernel, nil)
  }

  @inline(__always)
  private func judgeCache(_ folio: Folio) -> Judgement {
    let set = folio.head.flags
    let mapping = folio.head.mapping
    let pageClass: PageClass =
      set & flags.hasPrivate != 0
      ? .privateCache
      : set & flags.dirty != 0
        ? .dirtyCache : folio.order == 0 ? .cache : .largeCache
    // Truncated pages have lost their mapping; bit 1 marks movable ones.
    guard
      mapping >= 1 << 63 && mapping & 3 == 0 || isInSwapCacheOnly(folio)
    else { return Judgement(pageClass, .mapping) }
    guard set & flags.lru != 0 else { return Judgement(pageClass, .isolated) }
    return Judgement(pageClass, veto(folio, cached: true))
  }

  /// Whether the swap cache has it and neither a file nor a process does.
  ///
  /// It was read ahead (__read_swap_cache_async), or is of a tmpfs file that
  /// was swapped out (shmem_writepage). Until it is mapped, or back in its
  /// file, such a page has no mapping.
  @inline(never)
  private func isInSwapCacheOnly(_ folio: Folio) -> Bool {
    folio.head.mapping == 0 && (folio.maps ?? 0) == 0
      && folio.head.flags & flags.swapCache != 0
      && folio.head.flags & flags.swapBacked != 0
  }

  /// Pages that say what they are by a flag of their own or by a type.
  @inline(never)
  private func judgeMarked(_ folio: Folio) -> Judgement {
    let page = folio.head
    if page.flags & flags.poison != 0 {
      return Judgement(.hardwarePoison, .hardwarePoison)
    }
    if page.mapCount == types.unaccepted {
      return Judgement(.unaccepted, .unaccepted)
    }
    if page.mapCount == types.offline { return Judgement(.offline, .offline) }
    if folio.isHugetlb || page.mapCount == types.hugetlb {
      return Judgement(.hugetlb, vetoHugetlb(folio))
    }
    if page.flags & flags.slab != 0 || page.mapCount == types.slab {
      return Judgement(.slab, nil)
    }
    if page.flags & flags.reserved != 0 {
      return Judgement(.reserved, .reserved)
    }
    return Judgement(.kernel, nil)
  }

  /// Hugetlb pages are lent only out of the pool, where nobody holds them.
  private func vetoHugetlb(_ folio: Folio) -> Veto? {
    let page = folio.head
    guard knowsFlags else { return .unknownFlags }
    let isInPool =
      page.referenceCount == 0 && page.mapping == 0 && folio.pins == 0
      && page.flags & (flags.inFlight | flags.lru) == 0
      // Where PG_hugetlb alone tells (v6.6 to v6.8), it may be wrong.
      && folio.maps == 0
    return isInPool ? nil : .hugetlbInUse
  }

  /// Why a page in use may not be idle.
  @inline(__always)
  private func veto(_ folio: Folio, cached: Bool) -> Veto? {
    let page = folio.head
    guard knowsFlags else { return .unknownFlags }
    if page.flags & (flags.inFlight | flags.hasPrivate) != 0 {
      return vetoByFlags(page.flags)
    }
    if folio.pins != 0 { return .pinned }
    guard let maps = folio.maps else { return .references }
    let explained = maps &+ (cached ? folio.pageCount : 0)
    let references = UInt64(page.referenceCount)
    if references == explained, explained > 0 { return nil }
    return references >= explained &+ UInt64(Self.pinBias)
      ? .pinned : .references
  }

  @inline(never)
  private func vetoByFlags(_ set: UInt64) -> Veto {
    if set & flags.writeback != 0 { return .writeback }
    if set & flags.locked != 0 { return .locked }
    if set & flags.kept != 0 { return .unevictable }
    if set & flags.waiters != 0 { return .waiters }
    return .hasPrivate
  }
}
