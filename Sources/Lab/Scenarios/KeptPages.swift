// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// No frame that oldmem did not choose differs from what it held when the
  /// kernel panicked.
  ///
  /// Compared inside the capture kernel by hash, and once with a snapshot
  /// that QEMU takes before oldmemd's first step.
  static let keptPages: Scenario = {
    let oldmem = Trial.comparing("oldmem")

    var control = oldmem
    control.name = "control"
    control.append = "lab.control"
    control.oldmem = nil
    control.expectations = Trial.compared

    var snapshot = oldmem
    snapshot.name = "snapshot"
    snapshot.oldmem?.hookSettings = """
      module load
      module snapshot before-first-write
      module hash before
      handover save /oldmem/frames frames

      """
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
    var stitched = Trial.comparing("dm", settings: ["route=dm"])
    stitched.append = "memmap=704M!512M"
    stitched.oldmem?.packsStitching = true
    stitched.expectations.append(.console("swap on /dev/dm-"))

    // The comparison sees a single bit in a frame that was not lent.
    var stray = oldmem
    stray.name = "stray-write"
    stray.oldmem?.hookSettings = """
      module load
      module hash before
      handover stray /oldmem/frames
      handover save /oldmem/frames frames

      """
    stray.expectations = [
      .passes, .ends, .atLeast(fact: "frames-hashed", 450_000),
      .fact("frames-changed-outside", "1"),
    ]
    return Scenario(
      name: "kept-pages",
      summary: "frames that oldmem did not choose keep their content",
      trials: [control, oldmem, snapshot, cache, stitched, stray]
    )
  }()
}
