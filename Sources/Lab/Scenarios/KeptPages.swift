// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// No frame that oldmem did not choose differs from what it held when the
  /// kernel panicked.
  ///
  /// Compared inside the capture kernel by hash, and once with a snapshot
  /// that QEMU takes before oldmemd's first step.
  static let keptPages: Scenario = {
    var control = Trial(
      name: "control",
      capture: .lab(
        script: "kept-pages.sh",
        programs: ["hog", "hashframes"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
    )
    control.crashkernel = MemorySize(mebibytes: 112)
    control.append = "lab.control"
    let lists = MemorySize(mebibytes: 64)
    control.disks = [
      .raw(name: "before", size: lists), .raw(name: "after", size: lists),
      .raw(name: "frames", size: lists), .data,
    ]
    // Nearly all of 2 GiB, but the reservation.
    let compared = Expectation.atLeast(fact: "frames-hashed", 450_000)
    control.expectations = [
      .passes, compared, .fact("frames-changed-outside", "0"), .ends,
    ]

    var oldmem = control
    oldmem.name = "oldmem"
    oldmem.append = ""
    var use = OldmemUse()
    use.settings = ["frames=/oldmem/frames"]
    use.hook = "stephook"
    use.hookSettings = """
      module load
      module hash before
      handover save /oldmem/frames frames

      """
    oldmem.oldmem = use
    // 256 MiB in two copies; a hog that swaps out nearly all of it.
    oldmem.expectations += [
      .fact("frames-chosen", "131072"),
      .atLeast(fact: "frames-changed", 100_000),
    ]

    var snapshot = oldmem
    snapshot.name = "snapshot"
    use.hookSettings = """
      module load
      module snapshot before-first-write
      module hash before
      handover save /oldmem/frames frames

      """
    snapshot.oldmem = use
    snapshot.expectations += [
      .atLeast(fact: "frames-in-snapshot", 450_000),
      .fact("frames-changed-since-snapshot-outside", "0"),
    ]

    // Where little is free, page cache is lent: of that too, only what was
    // chosen changes.
    var cache = snapshot
    cache.name = "page-cache"
    cache.disks.append(.pageCache)
    cache.expectations += [
      .atMost(fact: "free-at-panic-kib", 150_000),
      .line("oldmem: 256 MiB lent", "MiB of it cache"),
    ]

    // The kernel's own drivers show the frames as a device, and nobody of ours
    // is there when they write.
    var stitched = oldmem
    stitched.name = "dm"
    stitched.append = "memmap=704M!512M"
    use.hookSettings = oldmem.oldmem?.hookSettings ?? ""
    use.settings += ["route=dm"]
    use.packsStitching = true
    stitched.oldmem = use
    stitched.expectations.append(.console("swap on /dev/dm-"))
    use = oldmem.oldmem ?? use

    // The comparison sees a single bit in a frame that was not lent.
    var stray = oldmem
    stray.name = "stray-write"
    use.hookSettings = """
      module load
      module hash before
      handover stray /oldmem/frames
      handover save /oldmem/frames frames

      """
    stray.oldmem = use
    stray.expectations = [
      .passes, compared, .fact("frames-changed-outside", "1"), .ends,
    ]
    return Scenario(
      name: "kept-pages",
      summary: "frames that oldmem did not choose keep their content",
      trials: [control, oldmem, snapshot, cache, stitched, stray]
    )
  }()
}
