// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// The distribution's own kdump initramfs, 62 MB unpacked, unmodified.
  ///
  /// Stock needs 144M for it. At 92M it panics while it is unpacked, before
  /// any userspace; with oldmem the dump is written.
  public static let smallCrashkernel: Scenario = {
    var ample = Trial(name: "stock-ample", capture: .kdump)
    ample.disks = [.root, .data]
    ample.crashkernel = MemorySize(mebibytes: 160)
    ample.expectations = [.passes, .dump(true), .ends]

    var stock = ample
    stock.name = "stock"
    stock.crashkernel = MemorySize(mebibytes: 92)
    stock.expectations = [
      .console("Kernel panic - not syncing: System is deadlocked on memory"),
      .dump(false), .ends,
    ]

    var oldmem = stock
    oldmem.name = "oldmem"
    oldmem.oldmem = OldmemUse()
    oldmem.expectations = [
      .passes, .dump(true), .silence("Out of memory"), .ends,
    ]
    // A machine at work has little free memory, and much page cache.
    var cache = oldmem
    cache.name = "page-cache"
    cache.disks.append(.pageCache)
    cache.expectations += [
      .atMost(fact: "free-at-panic-kib", 150_000),
      .line("oldmem: 256 MiB lent", "MiB of it cache"),
    ]
    return Scenario(
      name: "small-crashkernel",
      summary: "a 62 MB kdump initramfs dumps at 92M, where stock panics",
      trials: [ample, stock, oldmem, cache]
    )
  }()
}
