// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Frames that somebody writes to for as long as the machine runs: a burst
  /// and a few by themselves, near the start, where swap goes first.
  ///
  /// The writer is a process of the capture kernel, so that any frames can be
  /// taken, free ones too, which no device has a reason to write to.
  static let quarantine: Scenario = {
    var used = Trial(
      name: "used",
      capture: .lab(
        script: "swap-hog.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    used.crashkernel = MemorySize(mebibytes: 96)
    used.anonymous = 32
    var use = OldmemUse()
    use.settings = ["frames=/oldmem/frames"]
    use.hook = "strayhook"
    use.hookSettings = places(at: "serve")
    used.oldmem = use
    // The control: they are used, and the other copy makes up for it.
    used.expectations = [
      .passes, .fact("stray-frames", "304"),
      .line("oldmem: block ", "was damaged"), .silence("oldmem: settle:"),
      .ends,
    ]

    var settled = used
    settled.name = "settled"
    use.settings.append("settle=2")
    use.hookSettings = places(at: "settle")
    settled.oldmem = use
    settled.expectations = [
      .passes, .fact("stray-frames", "304"),
      .line("oldmem: settle: frame 0x", "and 299 after it (free) changed"),
      .line("oldmem: settle: 304 of ", "in 5 places, changed within 2 s"),
      .atLeast(fact: "pages-out", 50_000), .silence("was damaged"), .ends,
    ]

    var ruined = settled
    ruined.name = "ruined"
    ruined.capture = .lab(
      script: "nothing.sh",
      programs: [],
      modules: ["virtio_pci", "virtio_console"]
    )
    ruined.crashkernel = MemorySize(mebibytes: 128)
    use.hookSettings = "settle 5000 1025\n"
    ruined.oldmem = use
    ruined.expectations = [
      .passes, .fact("stray-frames", "1025"),
      .line(
        "oldmem: settle: 1025 of ",
        "changed by themselves, too many; carrying on without"
      ),
      .silence("swap on /dev/ublkb"), .ends,
    ]
    return Scenario(
      name: "quarantine",
      summary: "frames that change while they are watched are never used",
      trials: [used, settled, ruined]
    )
  }()

  private static func places(at step: String) -> String {
    let singles = [1000, 2000, 3000, 4000].map { "\(step) \($0) 1\n" }
    return "\(step) 64 300\n" + singles.joined()
  }
}
