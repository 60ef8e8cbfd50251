// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Lent frames are written to at a steady rate while swap is in use:
  /// nothing is lost while one copy is good, and nothing is lost in silence.
  ///
  /// The writer and the hog are processes of the capture kernel
  /// (lab/guest/overwrite.c and endure.c), so that frames are hit that no
  /// device has a reason to write to; they share nothing with oldmem but the
  /// list of frames.
  static let corruption: Scenario = {
    // About a fifth of a shelf's frames, some of them twice and more.
    let oneShelf =
      Expectation.nothingLost + [
        .atLeast(fact: "hits", 3_000),
        .atLeast(fact: "overwritten-frames", 5_000),
      ]
    var first = Trial.attacked("one-shelf", shelves: "0", rate: 60)
    first.expectations = oneShelf + Expectation.damageFound

    // No read looks at the second copy while the first is good: it is the
    // scrubber that finds this, as far as the hog does not write first.
    var second = Trial.attacked("one-shelf-second", shelves: "1", rate: 60)
    second.expectations =
      oneShelf + [
        .line("oldmem: block ", ": copy 1 in slot "),
        .atLeast(fact: "oldmem_copies_repaired_total", 200),
      ]

    var both = Trial.attacked("both-shelves", shelves: "01", rate: 60)
    both.expectations =
      Expectation.neverSilent + Expectation.damageFound + [
        .atLeast(fact: "hog-pages-lost", 1),
        .console("Read-error on swap-device"),
        .line("oldmem: block ", "is lost: no copy is good"),
      ]
    // The control: where a request is for pages around the one that is wanted,
    // good ones are lost with it, for ublk refuses requests as a whole.
    var readahead = both
    readahead.name = "both-shelves-readahead"
    readahead.append += " lab.page-cluster=3"
    readahead.expectations.append(.atLeast(fact: "losses-untold", 1))
    both.expectations.append(.fact("losses-untold", "0"))

    // The same while the server is killed every second.
    var killed = Trial.attacked("one-shelf-killed", shelves: "0", rate: 60)
    killed.append += " lab.slayer=kill,oldmemd-server,1"
    killed.expectations =
      oneShelf + Expectation.damageFound
      + [.atLeast(fact: "recoveries", 10), .silence("restarting")]

    var burst = Trial.attacked(
      "burst",
      shelves: "0",
      rate: 0.2,
      burst: 300,
      seconds: 60
    )
    burst.expectations =
      Expectation.nothingLost + Expectation.damageFound + [
        .atLeast(fact: "overwritten-frames", 3_000)
      ]

    // The kernel's own drivers check and mirror, and no process of ours repairs
    // what they find. The attacker has to reach what a driver has claimed.
    var stitched = Trial.attacked("dm", shelves: "0", rate: 60)
    stitched.append += " memmap=704M!512M iomem=relaxed"
    stitched.oldmem?.settings.append("route=dm")
    stitched.oldmem?.packsStitching = true
    stitched.expectations = [
      .passes, .ends, .console("swap on /dev/dm-"),
      .fact("hog-wrong-words", "0"),
      .fact("hog-pages-lost", "0"), .atLeast(fact: "overwritten-frames", 1_000),
      .console("device-mapper: integrity"),
    ]

    // Once both copies have had an error dm-mirror reads neither.
    var bothStitched = stitched
    bothStitched.name = "dm-both-shelves"
    bothStitched.append = bothStitched.append.replacing(
      "lab.overwrite=2,0,",
      with: "lab.overwrite=2,01,"
    )
    bothStitched.expectations = [
      .passes, .ends, .console("swap on /dev/dm-"),
      .fact("hog-wrong-words", "0"), .atLeast(fact: "hog-pages-lost", 1),
      .console("Read-error on swap-device"),
    ]

    // The control: a word that is wrong is seen, and is the verdict.
    var falsified = Trial.attacked(
      "falsified",
      shelves: "0",
      rate: 0,
      seconds: 1
    )
    falsified.append += " lab.hog=falsify"
    falsified.expectations = [
      .atLeast(fact: "hog-wrong-words", 1), .console("lab: verdict fail"),
      .ends,
    ]
    return Scenario(
      name: "corruption",
      summary: "lent frames are overwritten under a hog, and none in silence",
      trials: [
        first, second, killed, both, readahead, burst, stitched, bothStitched,
        falsified,
      ]
    )
  }()
}

extension Trial {
  /// A hog in swap, and a writer to `shelves`, `rate` times a second; with
  /// `burst`, so many frames side by side each time.
  fileprivate static func attacked(
    _ name: String,
    shelves: String,
    rate: Double,
    burst: Int? = nil,
    seconds: Int = 100
  ) -> Trial {
    var trial = Trial(
      name: name,
      capture: .lab(
        script: "corruption.sh",
        programs: ["endure", "overwrite", "slayer"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
    )
    trial.crashkernel = MemorySize(mebibytes: 112)
    trial.anonymous = 32
    trial.limit = 900
    trial.disks = [.raw(name: "frames", size: MemorySize(mebibytes: 16))]
    var use = OldmemUse()
    use.settings = ["frames=/oldmem/frames"]
    use.hook = "stephook"
    use.hookSettings = """
      module load
      handover save /oldmem/frames frames

      """
    trial.oldmem = use
    // Two copies, as where no setting says otherwise.
    var words = ["2", shelves, "\(rate)"]
    if let burst { words.append("\(burst)") }
    trial.append =
      "lab.overwrite=\(words.joined(separator: ",")) lab.seconds=\(seconds)"
    return trial
  }
}

extension Expectation {
  /// Whatever is hit, no wrong byte is handed out: neither to the hog nor to
  /// who reads the device.
  fileprivate static let neverSilent: [Expectation] = [
    .passes, .ends, .fact("hog-wrong-words", "0"),
    .fact("blocks-foreign", "0"),
    .atLeast(fact: "hog-pages-verified", 49_000),
    .atLeast(fact: "pages-out", 49_000),
    .silence("Out of memory"),
  ]

  /// One copy of each block is good at any time, so all can be had.
  fileprivate static let nothingLost: [Expectation] =
    neverSilent + [
      .fact("hog-pages-lost", "0"), .fact("blocks-refused", "0"),
      .silence("is lost"), .silence("Read-error on swap-device"),
      .silence("I/O error"),
    ]

  /// Found, said, and made good.
  fileprivate static let damageFound: [Expectation] = [
    .line("oldmem: block ", "was damaged"),
    .atLeast(fact: "oldmem_copies_damaged_total", 1_000),
    .atLeast(fact: "oldmem_copies_repaired_total", 1_000),
  ]
}
