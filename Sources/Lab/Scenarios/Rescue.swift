// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  private static let settings = [
    "rescue=console,/dev/vda", "rescue-id=\(Disk.rescueID)",
  ]
  private static let dumpSettings = [
    "rescue=/dev/vda,dump:/dev/vda", "rescue-id=\(Disk.rescueID)",
    "rescue-time=120",
  ]

  /// All that the serial console has shown is in the log that was saved.
  private static let rescued: [Expectation] = [
    .fact("rescued", "yes"), .atLeast(fact: "console-lines", 150),
    .fact("console-lines-missing", "0"), .fact("rescued-panic", "yes"),
    .line("oldmem: rescue: the log is saved: /dev/vda", "bytes"),
  ]
  private static let onConsole = Expectation.line(
    "oldmem: rescue: the log is saved: console",
    "bytes"
  )

  /// Each frame of the dump is the one that QEMU had saved before.
  private static let dumped: [Expectation] = [
    .line("oldmem: rescue: the dump is saved: dump:/dev/vda", "frames"),
    .fact("memory-saved", "before anything was lent"),
    .fact("rescued-dump", "whole"),
    .atLeast(fact: "rescued-dump-right", 5000),
    .fact("rescued-dump-absent", "0"), .fact("rescued-dump-wrong", "0"),
  ]

  /// What is saved where no dump can be.
  public static let rescue: Scenario = {
    // The kernel itself needs as much: with less it does not come to a process.
    var log = Trial(
      name: "log",
      capture: .logOnly(modules: ["virtio_pci", "virtio_blk"])
    )
    log.crashkernel = MemorySize(mebibytes: 64)
    log.disks = [.rescue]
    var use = OldmemUse()
    use.settings = settings
    log.oldmem = use
    log.expectations = rescued + [onConsole, .ends]

    // A disk that nobody has prepared may be somebody's database.
    var unprepared = log
    unprepared.name = "unprepared-disk"
    unprepared.disks = [
      .raw(name: "database", size: MemorySize(mebibytes: 8)), .rescue,
    ]
    unprepared.expectations = [
      .line("oldmem: rescue: /dev/vda: is not prepared", ""),
      onConsole, .fact("rescued", "no"), .ends,
    ]

    // Stage two cannot be started: no dump, but the log.
    var stageTwo = Trial(name: "stage-two", capture: .kdump)
    stageTwo.crashkernel = MemorySize(mebibytes: 112)
    stageTwo.disks = [.rescue]
    use.damage = .truncatedStageTwo
    use.modules = ["ublk_drv", "virtio_pci", "virtio_blk"]
    stageTwo.oldmem = use
    let notStarted: [Expectation] = [
      .line("oldmem: unpack: stage two is not started", "restarting"), .ends,
    ]
    stageTwo.expectations = rescued + notStarted + [onConsole]
    // The same, and a dump, each frame of which is the one that QEMU had saved.
    var dump = stageTwo
    dump.name = "dump"
    dump.oldmem?.settings = dumpSettings
    dump.savesMemory = true
    dump.expectations = rescued + notStarted + dumped
    // Power is lost while it is written, and the disk is slow enough for that.
    var cut = dump
    cut.name = "cut"
    cut.powerCut = PowerCut(after: "stage two is not started", within: 6)
    cut.repeats = 20
    cut.expectations = [
      .fact("power-cut", "yes"), .fact("rescued-dump-wrong", "0"),
      .fact("memory-saved", "before anything was lent"),
    ]
    // As much of it as a serial line may be asked for, between the kernel's own
    // messages.
    var console = dump
    console.name = "console"
    console.disks = []
    console.oldmem?.settings = ["rescue=dump:console", "rescue-size=2M"]
    console.expectations =
      notStarted + [
        .line("oldmem: rescue: a part of the dump is saved: dump:console", ""),
        .fact("memory-saved", "before anything was lent"),
        .fact("rescued-dump", "whole"), .fact("rescued-dump-absent", "0"),
        .atLeast(fact: "rescued-dump-right", 300),
        .fact("rescued-dump-wrong", "0"),
      ]
    // Over a network, sealed, while nothing is the matter with the store.
    var network = dump
    network.name = "network"
    network.capture = .lab(
      script: "send.sh",
      programs: [],
      modules: ["virtio_pci", "virtio_console", "virtio_net"]
    )
    network.disks = []
    network.sendsSealed = true
    network.oldmem = OldmemUse()
    network.expectations =
      dumped.dropFirst() + rescued.dropLast() + [
        .passes, .ends,
        .line("oldmem: rescue: the dump is saved: dump:tcp:", "frames"),
      ]
    // The system that dumps waits for ever.
    var watchdog = dump
    watchdog.name = "watchdog"
    watchdog.capture = .lab(
      script: "idle.sh",
      programs: [],
      modules: ["virtio_pci", "virtio_console", "virtio_blk"]
    )
    watchdog.oldmem?.damage = nil
    watchdog.oldmem?.settings.append("watchdog=20")
    watchdog.expectations =
      rescued + dumped + [
        .passes, .ends, .fact("watchdog", "1"),
        // What is said last is seen without anybody saying more.
        .atMost(fact: "waited", 149),
        .line("oldmem: watchdog: the dump has made no progress for 20 s", ""),
      ]
    // Both copies of a block are gone: the log is saved before anything else.
    var trials = [
      log, unprepared, stageTwo, dump, cut, console, network, watchdog,
    ]
    if var failing = Scenario.health.trials.last {
      failing.name = "failing"
      failing.capture = .lab(
        script: "health.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
      failing.disks.insert(.rescue, at: 0)
      failing.oldmem?.settings += dumpSettings
      failing.savesMemory = true
      failing.expectations += rescued + dumped
      trials.append(failing)
    }
    return Scenario(
      name: "rescue",
      summary: "the log is saved where nothing else can be",
      trials: trials
    )
  }()
}
