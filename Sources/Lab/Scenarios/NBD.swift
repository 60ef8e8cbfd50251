// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// The kernel's own NBD client, on a machine that has not crashed.
  static let nbd: Scenario = {
    var trial = Trial(
      name: "kernel",
      capture: .lab(
        script: "nbd.sh",
        programs: [],
        modules: ["virtio_pci", "virtio_console", "ext4", "nbd"]
      )
    )
    trial.crashes = false
    trial.tools = [
      "build/bin/oldmemd", "/usr/bin/fio", "/usr/sbin/mke2fs",
      "/usr/sbin/e2fsck", "/usr/sbin/blkdiscard", "/usr/bin/cmp",
      "/usr/bin/dd", "/usr/sbin/nbd-client",
    ]
    trial.limit = 900
    trial.expectations = [
      .passes, .ends, .atLeast(fact: "kills", 3),
      .atLeast(fact: "recoveries", 3),
    ]
    return Scenario(
      name: "nbd",
      summary: "the kernel has a device over NBD whose servers die",
      trials: [trial]
    )
  }()

  /// Swap on local NBD, and what could keep it from deadlocking.
  ///
  /// The machine has as much memory beside the locked pool as a capture
  /// kernel, so that nothing else of oldmem is in it.
  static let nbdSwap: Scenario = {
    func trial(
      _ name: String,
      _ words: String,
      memory: Int = 672
    ) -> Trial {
      var trial = Trial(
        name: name,
        capture: .lab(
          script: "nbd-swap.sh",
          programs: ["hog"],
          modules: [
            "virtio_pci", "virtio_console", "virtio_blk", "virtio_net", "nbd",
          ]
        )
      )
      trial.crashes = false
      trial.memory = MemorySize(mebibytes: memory)
      trial.append = words
      trial.tools = [
        "build/bin/oldmemd", "/usr/sbin/mkswap", "/usr/sbin/swapon",
      ]
      trial.disks = [.raw(name: "noise", size: MemorySize(mebibytes: 64))]
      trial.network = true
      trial.limit = 900
      trial.expectations = [
        .passes, .ends, .silence("Out of memory"),
        .atLeast(fact: "pages-out", 30_000),
      ]
      return trial
    }
    return Scenario(
      name: "nbd-swap",
      summary: "an experiment: swap on local NBD, and what could cure it",
      trials: [
        trial("plain", "lab.nbd=plain"),
        trial("fifo", "lab.nbd=fifo"),
        trial("reserve", "lab.nbd=plain lab.reserve=8192"),
        trial("fifo-reserve", "lab.nbd=fifo lab.reserve=8192"),
        // As small a reserve as a kernel has that has 54 MiB in all.
        trial(
          "worst",
          "lab.nbd=plain lab.reserve=940 lab.pause=0",
          memory: 656
        ),
      ],
      isExperiment: true
    )
  }()
}
