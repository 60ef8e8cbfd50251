// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Devices that are added, started, used, stopped and deleted a hundred
  /// times, and as often recovered after a kill in between.
  ///
  /// lab/guest/ublk-cycles.sh looks for what is left of each.
  static let ublkCycles: Scenario = {
    var trial = Trial(
      name: "cycles",
      capture: .lab(
        script: "ublk-cycles.sh",
        programs: [],
        modules: ["virtio_pci", "virtio_console", "ublk_drv"]
      )
    )
    trial.crashes = false
    trial.tools = [
      "build/bin/oldmemd", "/usr/bin/dd", "/usr/bin/cmp",
    ]
    trial.firstAppend = "cycles=100"
    trial.limit = 1800
    // What hundred devices left behind would be MiBs.
    trial.expectations = [
      .passes, .ends, .silence("Out of memory"),
      .fact("plain-cycles", "100"), .fact("recover-cycles", "100"),
      .atMost(fact: "plain-growth-kib", 1024),
      .atMost(fact: "recover-growth-kib", 1024),
    ]
    return Scenario(
      name: "ublk-cycles",
      summary: "a device comes and goes 100 times, and nothing is left",
      trials: [trial]
    )
  }()
}
