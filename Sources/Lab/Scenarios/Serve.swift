// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// `oldmemd serve` on a machine that has not crashed, judged by programs
  /// that know nothing of it.
  ///
  /// lab/guest/serve.sh tells a fact of each judge.
  static let serve: Scenario = {
    var trial = Trial(
      name: "judges",
      capture: .lab(
        script: "serve.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console", "ext4", "ublk_drv"]
      )
    )
    trial.crashes = false
    trial.tools = [
      "build/bin/oldmemd", "/usr/bin/fio", "/usr/sbin/mke2fs",
      "/usr/sbin/e2fsck", "/usr/sbin/blkid", "/usr/sbin/mkswap",
      "/usr/sbin/swapon", "/usr/sbin/swapoff", "/usr/sbin/blkdiscard",
      "/usr/bin/cmp", "/usr/bin/dd",
    ]
    trial.limit = 900
    trial.expectations = [.passes, .ends, .silence("Out of memory")]
    return Scenario(
      name: "serve",
      summary: "fio, ext4, swap and dd judge oldmemd on an ordinary machine",
      trials: [trial]
    )
  }()
}
