// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Machines that more than one scenario crashes.
extension Trial {
  /// A machine whose every frame is compared, by hash, with what it held
  /// before oldmem's first step.
  ///
  /// Its capture kernel has a hog that fills nearly all of the swap.
  static func comparing(
    _ name: String,
    modules: [String] = ["virtio_pci", "virtio_console", "virtio_blk"],
    settings: [String] = []
  ) -> Trial {
    var trial = Trial(
      name: name,
      capture: .lab(
        script: "kept-pages.sh",
        programs: ["hog", "hashframes"],
        modules: modules
      )
    )
    trial.crashkernel = MemorySize(mebibytes: 112)
    trial.limit = 600
    let lists = MemorySize(mebibytes: 64)
    trial.disks = [
      .raw(name: "before", size: lists), .raw(name: "after", size: lists),
      .raw(name: "frames", size: lists), .data,
    ]
    var use = OldmemUse()
    use.settings = ["frames=/oldmem/frames"] + settings
    use.hook = "stephook"
    use.hookSettings = """
      module load
      module hash before
      handover save /oldmem/frames frames

      """
    trial.oldmem = use
    trial.expectations = compared + chosen
    return trial
  }

  /// Nothing but what was chosen has changed, in nearly all of 2 GiB, the
  /// reservation apart.
  static var compared: [Expectation] {
    [
      .passes, .ends, .silence("Out of memory"),
      .atLeast(fact: "frames-hashed", 450_000),
      .fact("frames-changed-outside", "0"),
    ]
  }

  /// 256 MiB in two copies, and nearly all of it was written.
  static var chosen: [Expectation] {
    [
      .fact("frames-chosen", "131072"),
      .atLeast(fact: "frames-changed", 100_000),
    ]
  }

  /// A machine with a hog of five times the memory, while a disk is written
  /// and packets are sent.
  static func hogging(_ name: String) -> Trial {
    var trial = Trial(
      name: name,
      capture: .lab(
        script: "swap-hog.sh",
        programs: ["hog"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk", "virtio_net"]
      )
    )
    trial.crashkernel = MemorySize(mebibytes: 96)
    trial.disks = [.data, .raw(name: "noise", size: MemorySize(mebibytes: 64))]
    trial.network = true
    trial.anonymous = 32
    return trial
  }

  /// The noise was there, and the hog was swapped out, nearly all of it.
  static func hogged(pagesOut: Double = 50_000) -> [Expectation] {
    [
      .passes, .ends, .silence("Out of memory"),
      .atLeast(fact: "packets", 500),
      .atLeast(fact: "written-sectors", 50_000),
      .atLeast(fact: "pages-out", pagesOut),
    ]
  }
}

extension Expectation {
  /// No way to old memory was open, and the capture kernel did without.
  static let carriesOnWithout = Expectation.line(
    "oldmem: route: no way to write old memory",
    "carrying on without"
  )
}
