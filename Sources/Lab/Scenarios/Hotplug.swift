// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Old memory as RAM of an 88M capture kernel: all of it that was not given
  /// away is what it was, and makedumpfile writes what it would have written.
  static let hotplug: Scenario = {
    var kernel = Trial(
      name: "kernel",
      capture: .lab(
        script: "hotplug.sh",
        programs: ["hog", "hashframes", "plugblocks"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk", "virtio_net"]
      )
    )
    kernel.memory = MemorySize(mebibytes: 1024)
    kernel.crashkernel = MemorySize(mebibytes: 88)
    // No block is free from end to end, and all are wanted: what is in use
    // is strewn over memory, 4 MiB here and 4 MiB there.
    kernel.anonymous = 200
    kernel.firstAppend = "page_alloc.shuffle=1"
    kernel.network = true
    kernel.limit = 900
    kernel.installs = ["/usr/bin/makedumpfile"]
    let lists = MemorySize(mebibytes: 64)
    kernel.disks = [
      .raw(name: "before", size: lists), .raw(name: "after", size: lists),
      .raw(name: "mapped", size: lists), .raw(name: "frames", size: lists),
      .raw(name: "vmcore", size: MemorySize(mebibytes: 1088)),
      .raw(name: "noise", size: lists), .data,
    ]
    var use = OldmemUse()
    use.hasModule = true
    use.settings = [
      "use=hotplug", "hotplug-size=600M", "frames=/oldmem/frames",
    ]
    use.hook = "stephook"
    use.hookSettings = """
      module load
      module memory
      module hash before
      plug copy vmcore
      handover save /oldmem/frames frames

      """
    kernel.oldmem = use
    kernel.expectations =
      hotplugged("kernel", times: 4) + [
        .fact("swap-kib", "0"), .atLeast(fact: "hotplug-kept-mib", 48),
        // More than the capture kernel had altogether, four times.
        .atLeast(fact: "hog-mib", 192),
      ]

    var movable = kernel
    movable.name = "movable"
    // It has to leave the kernel half of its own.
    movable.oldmem?.settings = [
      "use=hotplug", "hotplug-size=256M", "hotplug-zone=movable",
      "frames=/oldmem/frames",
    ]
    movable.expectations =
      hotplugged("movable", times: 4) + [
        .fact("swap-kib", "0"), .atLeast(fact: "hotplug-kept-mib", 16),
      ]

    // A little for the kernel, and swap for the rest.
    var both = kernel
    both.name = "with-swap"
    both.append = "lab.hog=230"
    both.oldmem?.settings = [
      "use=swap,hotplug", "hotplug-size=128M", "size=160M",
      "frames=/oldmem/frames",
    ]
    both.expectations =
      hotplugged("kernel", times: 2.5) + [
        .atLeast(fact: "swap-kib", 160_000),
        .atLeast(fact: "pages-out", 10_000),
      ]

    // Without the module there is swap.
    var without = kernel
    without.name = "without-module"
    without.disks = []
    without.anonymous = 32
    without.append = "lab.hog=160"
    without.oldmem?.hasModule = false
    without.oldmem?.hook = nil
    without.oldmem?.settings = ["use=hotplug"]
    without.expectations = [
      .passes, .ends, .silence("Out of memory"),
      .line("oldmem: hotplug: no /dev/oldmem", "; swap takes its place"),
      .atLeast(fact: "swap-kib", 250_000), .fact("added", "0"),
    ]

    var cost = kernel
    cost.name = "cost"
    cost.disks = []
    cost.anonymous = 32
    cost.append = "lab.plug=4"
    cost.oldmem = nil
    cost.network = false
    cost.installs = []
    cost.ownModules = ["oldmem"]
    cost.expectations = [
      .passes, .ends, .fact("plug-mib", "512"),
      .atMost(fact: "plug-ms", 1000),
      .atMost(fact: "plug-cost-percent", 105),
      .atLeast(fact: "plug-cost-percent", 95),
      .fact("plug-total-kib", "524288"),
      .silence("WARNING:"), .silence("Out of memory"),
    ]
    return Scenario(
      name: "hotplug",
      summary: "old memory becomes RAM, and what is dumped stays as it was",
      trials: [kernel, movable, both, without, cost]
    )
  }()

  /// What must hold wherever memory was added: nobody complains, and what was
  /// not given away is as it was, by read(), by mmap(), and to makedumpfile.
  private static func hotplugged(
    _ zone: String,
    times: Double
  ) -> [Expectation] {
    [
      .passes, .ends, .silence("Out of memory"), .silence("WARNING:"),
      .silence("BUG:"), .silence("swap takes its place"),
      .line("oldmem: hotplug: ", "MiB online (\(zone))"),
      .atLeast(fact: "memory-times", times),
      .atLeast(fact: "frames-hashed", 200_000),
      .atLeast(fact: "frames-chosen", 30_000),
      .fact("frames-changed-outside", "0"),
      .same(fact: "frames-mapped", as: "frames-hashed"),
      .fact("frames-mapped-changed-outside", "0"),
      .same(fact: "dump-sha256", as: "dump-sha256-before"),
    ]
  }

  /// A driver that takes 64 MiB of the kernel's own memory, for which swap is
  /// no help.
  static let hotplugDrivers: Scenario = {
    var swap = Trial(
      name: "swap",
      capture: .lab(
        script: "drivers.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    swap.crashkernel = MemorySize(mebibytes: 88)
    swap.anonymous = 32
    swap.ownModules = ["greedy"]
    swap.oldmem = OldmemUse()
    swap.expectations = [
      .console("oldmem: 256 MiB lent"),
      .console("Kernel panic - not syncing: System is deadlocked on memory"),
      .silence("lab: fact driver has-its-memory"), .ends,
    ]
    var hotplug = swap
    hotplug.name = "hotplug"
    hotplug.oldmem?.hasModule = true
    hotplug.oldmem?.settings = ["use=hotplug"]
    hotplug.expectations = [
      .passes, .ends, .silence("Out of memory"),
      .fact("driver", "has-its-memory"), .fact("swap-kib", "0"),
    ]
    var both = hotplug
    both.name = "hotplug-and-swap"
    both.oldmem?.settings = ["use=swap,hotplug", "hotplug-size=96M"]
    both.expectations = [
      .passes, .ends, .silence("Out of memory"),
      .fact("driver", "has-its-memory"),
      .atLeast(fact: "swap-kib", 250_000),
    ]
    return Scenario(
      name: "hotplug-drivers",
      summary: "a driver takes 64 MiB at 88M: swap is no help, hotplug is",
      trials: [swap, hotplug, both]
    )
  }()
}
