// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Swap that somebody writes to, in one shelf and in both, and what oldmemd
  /// says of itself meanwhile.
  static let health: Scenario = {
    var sound = Trial(
      name: "sound",
      capture: .lab(
        script: "health.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    sound.crashkernel = MemorySize(mebibytes: 96)
    sound.anonymous = 32
    var use = OldmemUse()
    use.settings = ["on-failing=/init"]
    sound.oldmem = use
    sound.expectations = [
      .passes, .ends, .fact("state-before", "healthy"),
      .fact("hog-status", "0"), .fact("state", "healthy"),
      .fact("mismatches", "0"), .fact("lines", "0"), .fact("events", "0"),
      .fact("onFailing", "waiting"), .fact("ran", "never"),
      .atLeast(fact: "samples", 2), .fact("samples-damaged", "0"),
      .atLeast(fact: "samples-swapped", 1024), .atLeast(fact: "record-log", 2),
    ]

    // Where the hog's pages go, and nobody else's.
    let (first, count, shelf) = (20_000, 300, 65_536)
    var oneShelf = sound
    oneShelf.name = "one-shelf"
    use.settings.append("frames=/oldmem/frames")
    use.hook = "strayhook"
    use.hookSettings = "serve \(first) \(count)\n"
    oneShelf.oldmem = use
    oneShelf.oldmem?.settings.append("failing-at=0,0,0")
    oneShelf.expectations = [
      .passes, .ends, .fact("state-before", "healthy"),
      .fact("hog-status", "0"), .fact("state", "degraded"),
      .line("oldmem: health: degraded: ", " 0 reads lost"),
      .atLeast(fact: "mismatches", 100), .fact("lost", "0"),
      .atLeast(fact: "prometheus-damaged", 100),
      .atLeast(fact: "samples-damaged", 100),
      .fact("lines", "1"), .fact("events", "1"),
      .fact("onFailing", "waiting"), .fact("ran", "never"),
    ]

    // 128 frames side by side, by default.
    var burst = oneShelf
    burst.name = "burst"
    burst.oldmem = use
    burst.expectations = [
      .passes, .ends, .fact("hog-status", "0"), .fact("state", "failing"),
      .line("oldmem: health: failing: ", " 0 reads lost"),
      .fact("lost", "0"), .atMost(fact: "lines", 2),
      .fact("onFailing", "taken"),
      .console("oldmem: on-failing: /init has ended, status 0"),
      .fact("ran", "failing run"),
    ]

    var bothShelves = burst
    bothShelves.name = "both-shelves"
    use.hookSettings = """
      serve \(first) 24
      serve \(first + shelf) 24

      """
    bothShelves.oldmem = use
    // 128 + SIGBUS: what is lost is an error.
    bothShelves.expectations = [
      .passes, .ends, .fact("hog-status", "135"), .fact("state", "failing"),
      .line("oldmem: health: failing: ", "a block has no good copy"),
      .line("oldmem: block ", "is lost: no copy is good"),
      .atLeast(fact: "lost", 1), .atMost(fact: "lines", 2),
      .fact("onFailing", "taken"), .fact("ran", "failing lost"),
    ]
    return Scenario(
      name: "health",
      summary: "oldmemd says how it does, and acts once when it is failing",
      trials: [sound, oneShelf, burst, bothShelves]
    )
  }()
}
