// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// `oldmem` on a machine that has not crashed: /proc/kcore is its core file,
  /// and /proc/meminfo the judge.
  static let running: Scenario = {
    var trial = Trial(
      name: "kcore",
      capture: .lab(
        script: "running.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    trial.crashes = false
    trial.tools = [".build/release/oldmem"]
    trial.limit = 600
    // Free pages of the DMA zone are never lent, and what processors have set
    // aside is not free to a scan.
    trial.expectations = [
      .passes, .ends, .atLeast(fact: "free-percent", 90),
      .atMost(fact: "free-percent", 101),
      .atLeast(fact: "hog-mib", 250),
    ]
    return Scenario(
      name: "running",
      summary: "what a running machine could lend, counted in /proc/kcore",
      trials: [trial]
    )
  }()
}
