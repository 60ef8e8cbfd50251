// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// Pages of order 0: what they are, and why somebody may still use them.
@Suite struct SmallPageTests {
  @Test(arguments: KernelEra.allCases)
  func pagesOfFilesAreIdleOrNot(era: KernelEra) throws {
    try Sample.expect(Self.cache(era), era, era.policy)
  }

  @Test(arguments: KernelEra.allCases)
  func pagesOfProcessesAreIdleOrNot(era: KernelEra) throws {
    try Sample.expect(Self.anonymous(era), era, era.policy)
  }

  @Test(arguments: KernelEra.allCases)
  func pagesOfTheKernelAreNeverLent(era: KernelEra) throws {
    try Sample.expect(Self.kernel(era), era, era.policy)
  }

  /// Pins were plain references before v5.6, and nothing told them apart.
  static func pinned(_ era: KernelEra) -> Veto {
    era == .v4_18 ? .references : .pinned
  }

  static func cache(_ era: KernelEra) -> [Sample] {
    let page = Folio(.file)
    let mapped = Folio(.file, pageMaps: 2)
    let shmem = Folio(.shmem)
    return [
      Sample("clean", page, .cache),
      Sample("mapped", mapped, .cache),
      Sample("used lately", page.with(.referenced, .active), .cache),
      Sample("refaulted", page.with(.workingset), .cache),
      Sample("read ahead", page.with(.reclaim), .cache),
      Sample("not read", page.with { $0.lackedFlags = [.uptodate] }, .cache),
      Sample("dirty", page.with(.dirty), .dirtyCache),
      Sample("tmpfs", shmem, .dirtyCache),
      Sample("tmpfs mapped", Folio(.shmem, pageMaps: 3), .dirtyCache),
      Sample("buffers", .bufferedCache, .privateCache, .hasPrivate),
      Sample("private", .cachePrivate, .privateCache, .hasPrivate),
      Sample(
        "dirty buffers",
        page.with(.dirty).with { $0.hasPrivateData = true },
        .privateCache,
        .hasPrivate
      ),
      Sample("written", .writebackCache, .cache, .writeback),
      Sample(
        "dirtied again while written",
        page.with(.dirty, .writeback),
        .dirtyCache,
        .writeback
      ),
      Sample("being read", .lockedCache, .cache, .locked),
      Sample(
        "locked while written",
        page.with(.locked, .writeback),
        .cache,
        .writeback
      ),
      Sample("awaited", .awaitedCache, .cache, .waiters),
      Sample("ramfs", page.with(.unevictable), .cache, .unevictable),
      Sample("mlocked", mapped.with(.mlocked), .cache, .unevictable),
      Sample("pinned", .pinnedCache, .cache, pinned(era)),
      Sample(
        "pinned tmpfs",
        shmem.with { $0.pins = 1 },
        .dirtyCache,
        pinned(era)
      ),
      Sample(
        "spliced",
        page.with { $0.strayReferences = 1 },
        .cache,
        .references
      ),
      Sample(
        "isolated",
        page.with { $0.lackedFlags = [.lru] },
        .kernel,
        .dumpLevel
      ),
    ]
  }

  static func anonymous(_ era: KernelEra) -> [Sample] {
    let page = Folio(.anonymous, pageMaps: 1)
    let cached = page.with { $0.isInSwapCache = true }
    return [
      Sample("mapped", .anonymous, .anonymous),
      Sample("forked", .anonymous(maps: 3), .anonymous),
      Sample("dirty", page.with(.dirty), .anonymous),
      Sample("swap cache", .swapCached, .anonymous),
      Sample("swap cache only", .swapCachedOnly, .anonymous),
      Sample("same as others", .ksm, .anonymous),
      Sample("MADV_FREE", .lazyFree, .anonymous),
      Sample(
        "swapped out",
        cached.with(.dirty, .writeback),
        .anonymous,
        .writeback
      ),
      Sample("swapped in", cached.with(.locked), .anonymous, .locked),
      Sample("awaited", cached.with(.waiters), .anonymous, .waiters),
      Sample("mlocked", .mlocked, .anonymous, .unevictable),
      Sample(
        "mlocked, on a list",
        page.with(.mlocked),
        .anonymous,
        .unevictable
      ),
      Sample("pinned", .pinned, .anonymous, pinned(era)),
      Sample(
        "pinned and swap cache",
        cached.with { $0.pins = 2 },
        .anonymous,
        pinned(era)
      ),
      Sample("held once more", .strayed, .anonymous, .references),
      Sample(
        "held for long",
        .anonymous(maps: 1, strays: 1023),
        .anonymous,
        .references
      ),
      Sample(
        "held as often as a pin",
        .anonymous(maps: 1, strays: 1024),
        .anonymous,
        .pinned
      ),
      Sample("held by nobody", .anonymous(maps: 0), .anonymous, .references),
      Sample(
        "held by others than mappings",
        .anonymous(maps: 0, strays: 1),
        .anonymous,
        .references
      ),
      Sample("isolated", .isolated, .anonymous, .isolated),
      Sample(
        "off the lists",
        page.with { $0.lackedFlags = [.lru] },
        .anonymous,
        .isolated
      ),
      // The owner's bit alone is no swap cache: one reference too few.
      Sample(
        "owner's bit",
        page.with { folio in
          folio.flags = [.swapCache]
          folio.lackedFlags = [.swapBacked]
        },
        .anonymous
      ),
      Sample(
        "private data",
        page.with { $0.hasPrivateData = true },
        .anonymous,
        .hasPrivate
      ),
    ]
  }

  static func kernel(_ era: KernelEra) -> [Sample] {
    var samples = [
      Sample("allocated", .kernel, .kernel, .dumpLevel),
      Sample("page table", .pageTable, .kernel, .dumpLevel),
      Sample("slab", .slab, .slab, .dumpLevel),
      Sample("slab of objects", Folio(.slab), .slab, .dumpLevel),
      // The count of slabs is in the place of page.mapping, and odd.
      Sample(
        "slab on a CPU's list",
        Folio(.slab).with { $0.slabsOnCPU = 3 },
        .slab,
        .dumpLevel
      ),
      Sample("zsmalloc", .zsmalloc, .kernel, .dumpLevel),
      Sample("reserved", .reserved, .reserved, .reserved),
      Sample("poisoned", .hwpoison, .hardwarePoison, .hardwarePoison),
      Sample(
        "poisoned page of a process",
        Folio(.anonymous, pageMaps: 1).with(.hardwarePoison),
        .hardwarePoison,
        .hardwarePoison
      ),
      Sample("on no list", .unlisted, .kernel, .dumpLevel),
      Sample("referenced", .referenced(1), .kernel, .dumpLevel),
      Sample("mapped driver memory", .mapped(2), .kernel, .dumpLevel),
      // 4.18 does not say what offline pages look like.
      era == .v4_18
        ? Sample("offline", .offline, .kernel, .dumpLevel)
        : Sample("offline", .offline, .offline, .offline),
      era == .v4_18
        ? Sample("balloon", .balloon, .kernel, .dumpLevel)
        : Sample("balloon", .balloon, .offline, .offline),
    ]
    if era.has(.unaccepted) {
      samples.append(
        era >= .v6_18
          ? Sample("unaccepted", .unaccepted, .unaccepted, .unaccepted)
          : Sample("unaccepted", .unaccepted, .kernel, .dumpLevel)
      )
    }
    return samples
  }
}
