// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  private static let settings = [
    "rescue=console,/dev/vda", "rescue-id=\(Disk.rescueID)",
  ]

  /// All that the serial console has shown is in the log that was saved.
  private static let rescued: [Expectation] = [
    .fact("rescued", "yes"), .atLeast(fact: "console-lines", 150),
    .fact("console-lines-missing", "0"), .fact("rescued-panic", "yes"),
    .line("oldmem: rescue: the log is saved: /dev/vda", "bytes"),
    .line("oldmem: rescue: the log is saved: console", "bytes"),
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
    log.expectations = rescued + [.ends]

    // A disk that nobody has prepared may be somebody's database.
    var unprepared = log
    unprepared.name = "unprepared-disk"
    unprepared.disks = [
      .raw(name: "database", size: MemorySize(mebibytes: 8)), .rescue,
    ]
    unprepared.expectations = [
      .line("oldmem: rescue: /dev/vda: is not prepared", ""),
      .line("oldmem: rescue: the log is saved: console", "bytes"),
      .fact("rescued", "no"), .ends,
    ]

    // Stage two cannot be started: no dump, but the log.
    var stageTwo = Trial(name: "stage-two", capture: .kdump)
    stageTwo.crashkernel = MemorySize(mebibytes: 112)
    stageTwo.disks = [.rescue]
    use.damage = .truncatedStageTwo
    use.modules = ["ublk_drv", "virtio_pci", "virtio_blk"]
    stageTwo.oldmem = use
    stageTwo.expectations =
      rescued + [
        .line("oldmem: unpack: stage two is not started", "restarting"), .ends,
      ]
    // Both copies of a block are gone: the log is saved before anything else.
    var trials = [log, unprepared, stageTwo]
    if var failing = Scenario.health.trials.last {
      failing.name = "failing"
      failing.capture = .lab(
        script: "health.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
      failing.disks.insert(.rescue, at: 0)
      failing.oldmem?.settings += settings
      failing.expectations += rescued
      trials.append(failing)
    }
    return Scenario(
      name: "rescue",
      summary: "the log is saved where nothing else can be",
      trials: trials
    )
  }()
}
