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
    control.expectations = [
      .passes, .fact("frames-changed-outside", "0"), .ends,
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

    var snapshot = oldmem
    snapshot.name = "snapshot"
    use.hookSettings = """
      module load
      module snapshot before-first-write
      module hash before
      handover save /oldmem/frames frames

      """
    snapshot.oldmem = use
    snapshot.expectations.append(
      .fact("frames-changed-since-snapshot-outside", "0")
    )
    return Scenario(
      name: "kept-pages",
      summary: "frames that oldmem did not choose keep their content",
      trials: [control, oldmem, snapshot]
    )
  }()
}
