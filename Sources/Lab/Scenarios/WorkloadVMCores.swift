// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// /proc/vmcore of machines that crashed at work, for proofs about frames.
  ///
  /// Beside each file is one with what the machine itself counted in its last
  /// moment, and where: a proof needs to know that a kind of page was there.
  static let workloadVMCores: Scenario = {
    let plain = machine("plain", variant: "workload")

    var nodes = machine("numa", variant: "workload-numa")
    nodes.nodes = 2
    nodes.processors = 2
    nodes.expectations += [
      .fact("workload-nodes", "2"), .fact("workload-processors", "2"),
    ]

    // Page tables of five levels.
    var levels = machine("la57", variant: "workload-la57")
    levels.cpu = "max,la57=on"
    levels.expectations.append(.fact("workload-la57", "1"))

    // The memory map of hugetlb pages folded up, with heads where tails are.
    var folded = machine("hvo", variant: "workload-hvo")
    folded.firstAppend = "hugetlb_free_vmemmap=on"
    folded.expectations.append(.fact("workload-hvo", "1"))
    return Scenario(
      name: "workload-vmcores",
      summary: "saves /proc/vmcore of machines with every kind of page in use",
      trials: [plain, nodes, levels, folded]
    )
  }()

  private static func machine(_ name: String, variant: String) -> Trial {
    var trial = Trial(
      name: name,
      capture: .lab(
        script: "capture-vmcore.sh",
        programs: [],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
    )
    trial.variant = variant
    trial.hasWorkload = true
    trial.hasBalloon = true
    trial.anonymous = 96
    // The capture kernel looks for partitions on disks whose throttle counts
    // what was under way before.
    trial.limit = 900
    let small = MemorySize(mebibytes: 64)
    // The throttled ones come first, for the sake of their vectors: docs/lab.md
    // has the reason.
    trial.disks = [
      .throttled(name: "slow", size: small, bytesPerSecond: 64 << 10),
      .throttled(name: "direct", size: small, bytesPerSecond: 24 << 10),
      .vmcore, .data, .folios, .raw(name: "swap", size: small),
    ]
    trial.expectations =
      [.passes, .ends] + inMemory + underWay + inPipes + notEverywhere
    return trial
  }

  /// What stays as lab/guest/workload.sh made it; some of it may have been
  /// moved or swapped out.
  private static let inMemory: [Expectation] = [
    .atLeast(fact: "pages-cache-clean", 40_000),
    .atLeast(fact: "pages-cache-large", 4096),
    .atLeast(fact: "workload-dirty", 8192),
    .atLeast(fact: "workload-anon", 8192),
    .atLeast(fact: "workload-thp", 8192),
    .atLeast(fact: "workload-thp-half", 1024),
    .atLeast(fact: "workload-mlock", 1024),
    .atLeast(fact: "workload-lazyfree", 1024),
    .atLeast(fact: "workload-fork", 1024),
    .atLeast(fact: "workload-ksm", 1024),
    .atLeast(fact: "workload-hugetlb", 4096),
    .atLeast(fact: "workload-hugetlb-free", 8),
    .atLeast(fact: "workload-shmem", 1024),
    .atLeast(fact: "workload-shmem-thp", 1024),
    .atLeast(fact: "workload-private-clean", 512),
    .atLeast(fact: "workload-private-written", 512),
    .atLeast(fact: "workload-shared-clean", 512),
    .atLeast(fact: "workload-shared-dirty", 512),
    .atLeast(fact: "workload-swapcache", 512),
    .atLeast(fact: "workload-swapped-kib", 8192),
    .atLeast(fact: "workload-pinned", 512),
    .atLeast(fact: "workload-pinned-thp", 512),
    .atLeast(fact: "workload-balloon", 16_384),
    .atLeast(fact: "pages-offline", 16_384),
  ]

  /// What devices read and write at the panic.
  private static let underWay: [Expectation] = [
    .fact("workload-direct-small", "128"),
    .fact("workload-direct-thp", "128"),
    .fact("workload-direct-write", "128"),
    .atLeast(fact: "workload-reads-in-flight", 6),
    .atLeast(fact: "workload-writes-in-flight", 3),
    .atLeast(fact: "workload-writeback", 512),
    .atLeast(fact: "workload-writeback-requests", 2),
    .atLeast(fact: "pages-locked", 32),
  ]

  /// What pipes and sockets hold, in bytes but for the pages of a process.
  private static let inPipes: [Expectation] = [
    .atLeast(fact: "workload-bytes-pipe", 1_048_576),
    .atLeast(fact: "workload-bytes-splice", 1_048_576),
    .atLeast(fact: "workload-bytes-unix", 32_768),
    .atLeast(fact: "workload-bytes-tcp", 32_768),
    .atLeast(fact: "workload-bytes-sendfile", 32_768),
    .atLeast(fact: "workload-vmsplice", 256),
  ]

  /// What depends on how a kernel is configured, and on its version.
  private static let notEverywhere: [Expectation] = [
    .pages(kind: "mthp", 1024),
    .pages(kind: "secret", 256),
    .pages(kind: "hwpoison", 1),
  ]
}
