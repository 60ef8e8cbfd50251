// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// Folios of more pages than one: each page of them is judged as the folio
/// is, however it is mapped, and wherever the kernel of the time counts.
@Suite struct LargeFolioTests {
  @Test(arguments: KernelEra.allCases)
  func foliosOfProcessesAreIdleHoweverTheyAreMapped(era: KernelEra) throws {
    try Sample.expect(Self.mapped(.anonymous, .largeAnonymous), era, era.policy)
  }

  @Test(arguments: KernelEra.allCases)
  func foliosOfFilesAreIdleHoweverTheyAreMapped(era: KernelEra) throws {
    try Sample.expect(Self.mapped(.file, .largeCache), era, era.policy)
    try Sample.expect(Self.mapped(.shmem, .dirtyCache), era, era.policy)
  }

  @Test(arguments: KernelEra.allCases)
  func foliosThatSomebodyMayUseAreKept(era: KernelEra) throws {
    try Sample.expect(Self.inUse(.anonymous, .largeAnonymous), era, era.policy)
    try Sample.expect(Self.inUse(.file, .largeCache), era, era.policy)
  }

  @Test(arguments: KernelEra.allCases)
  func pinnedFoliosAreKept(era: KernelEra) throws {
    try Sample.expect(
      Self.pinned(.anonymous, .largeAnonymous, era),
      era,
      era.policy
    )
    try Sample.expect(Self.pinned(.file, .largeCache, era), era, era.policy)
  }

  @Test(arguments: KernelEra.allCases)
  func otherFoliosAreWhatTheyAre(era: KernelEra) throws {
    try Sample.expect(Self.others, era, era.policy)
  }

  /// What a folio may be lent with.
  static func mapped(
    _ kind: Folio.Kind,
    _ pageClass: PageClass
  ) -> [Sample] {
    let whole = Folio(kind, order: 9, wholeMaps: 1)
    let split = Folio(kind, order: 9, pageMaps: 1)
    var samples = [
      Sample("by a PMD", whole, pageClass),
      Sample("by three PMDs", Folio(kind, order: 9, wholeMaps: 3), pageClass),
      Sample("by PTEs", split, pageClass),
      Sample("by PTEs twice", Folio(kind, order: 9, pageMaps: 2), pageClass),
      Sample(
        "by both",
        Folio(kind, order: 9, wholeMaps: 1, pageMaps: 1),
        pageClass
      ),
      Sample(
        "by both, many times",
        Folio(kind, order: 9, wholeMaps: 2, pageMaps: 3),
        pageClass
      ),
      Sample(
        "by PTEs partly",
        Folio(kind, order: 6, pageMaps: 1, mappedPages: 7..<20),
        pageClass
      ),
      Sample(
        "its first page only",
        Folio(kind, order: 4, pageMaps: 1, mappedPages: 0..<1),
        pageClass
      ),
      Sample(
        "its last page only",
        Folio(kind, order: 4, pageMaps: 2, mappedPages: 15..<16),
        pageClass
      ),
      Sample(
        "by a PMD and partly by PTEs",
        Folio(
          kind,
          order: 9,
          wholeMaps: 1,
          pageMaps: 1,
          mappedPages: 100..<300
        ),
        pageClass
      ),
    ]
    for order in 1...5 {
      samples.append(
        Sample(
          "of order \(order)",
          Folio(kind, order: order, pageMaps: 1),
          pageClass
        )
      )
    }
    if kind == .anonymous {
      let cached = { (folio: Folio) in folio.with { $0.isInSwapCache = true } }
      samples += [
        Sample("swap cache", cached(whole), pageClass),
        Sample("swap cache only", cached(Folio(kind, order: 4)), pageClass),
        Sample(
          "swap cache, partly mapped",
          cached(Folio(kind, order: 4, pageMaps: 1, mappedPages: 3..<9)),
          pageClass
        ),
        Sample(
          "MADV_FREE",
          whole.with { $0.lackedFlags = [.swapBacked] },
          pageClass
        ),
        Sample("dirty", whole.with(.dirty), pageClass),
      ]
    } else {
      samples += [
        Sample("not mapped", Folio(kind, order: 9), pageClass),
        Sample("not mapped, of order 1", Folio(kind, order: 1), pageClass),
        Sample("dirty", split.with(.dirty), .dirtyCache),
      ]
    }
    return samples
  }

  static func inUse(_ kind: Folio.Kind, _ pageClass: PageClass) -> [Sample] {
    let whole = Folio(kind, order: 9, wholeMaps: 1)
    let split = Folio(kind, order: 4, pageMaps: 1)
    let off = { (folio: Folio) in folio.with { $0.lackedFlags = [.lru] } }
    var samples = [
      Sample("written", whole.with(.writeback), pageClass, .writeback),
      Sample("read", split.with(.locked), pageClass, .locked),
      Sample("awaited", whole.with(.waiters), pageClass, .waiters),
      Sample(
        "on the unevictable list",
        whole.with(.unevictable),
        pageClass,
        .unevictable
      ),
      Sample("mlocked", split.with(.mlocked), pageClass, .unevictable),
      Sample(
        "held once more",
        whole.with { $0.strayReferences = 1 },
        pageClass,
        .references
      ),
      Sample(
        "held once more, by PTEs",
        split.with { $0.strayReferences = 1 },
        pageClass,
        .references
      ),
      Sample(
        "held as often as it has pages",
        whole.with { $0.strayReferences = 512 },
        pageClass,
        .references
      ),
      Sample(
        "private data",
        split.with { $0.hasPrivateData = true },
        kind == .file ? .privateCache : pageClass,
        .hasPrivate
      ),
      Sample(
        "poisoned",
        whole.with(.hardwarePoison),
        .hardwarePoison,
        .hardwarePoison
      ),
    ]
    samples.append(
      kind == .file
        ? Sample("off the lists", off(whole), .kernel, .dumpLevel)
        : Sample("off the lists", off(whole), pageClass, .isolated)
    )
    if kind == .anonymous {
      let cached = whole.with { $0.isInSwapCache = true }
      samples += [
        Sample("swapped out", cached.with(.writeback), pageClass, .writeback),
        Sample("swapped in", cached.with(.locked), pageClass, .locked),
        Sample(
          "held by nobody",
          Folio(kind, order: 9),
          pageClass,
          .references
        ),
      ]
    }
    return samples
  }

  /// Pins have a counter of their own since v5.7, for which a folio of two
  /// pages had no room until v5.18; before that they are plain references.
  static func pinned(
    _ kind: Folio.Kind,
    _ pageClass: PageClass,
    _ era: KernelEra
  ) -> [Sample] {
    let orders: [Int] = [1, 2, 3, 4, 9]
    return orders.flatMap { order in
      [1, 256].map { (pins: UInt32) in
        let folio = Folio(kind, order: order, pageMaps: 1)
        return Sample(
          "\(pins) pins of order \(order)",
          folio.with { $0.pins = pins },
          pageClass,
          era == .v4_18 ? .references : .pinned
        )
      }
    }
  }

  static let others = [
    Sample("slab", Folio(.slab, order: 3), .slab, .dumpLevel),
    Sample("slab of two pages", Folio(.slab, order: 1), .slab, .dumpLevel),
    Sample(
      "slab on a CPU's list",
      Folio(.slab, order: 3).with { $0.slabsOnCPU = 3 },
      .slab,
      .dumpLevel
    ),
    Sample("kernel", Folio(.kernel, order: 2), .kernel, .dumpLevel),
    Sample(
      "of the largest order",
      Folio(.kernel, order: 10),
      .kernel,
      .dumpLevel
    ),
    Sample(
      "reserved",
      Folio(.kernel, order: 4).with(.reserved),
      .reserved,
      .reserved
    ),
  ]
}
