// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Swap over each way that is not the usual one: a hog's words are verified,
  /// and every frame that was not chosen keeps its content.
  static let routes: Scenario = {
    var module = Trial(
      name: "oldmem",
      capture: .lab(
        script: "kept-pages.sh",
        programs: ["hog", "hashframes"],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
    )
    module.crashkernel = MemorySize(mebibytes: 112)
    let lists = MemorySize(mebibytes: 64)
    module.disks = [
      .raw(name: "before", size: lists), .raw(name: "after", size: lists),
      .raw(name: "frames", size: lists), .data,
    ]
    var use = OldmemUse()
    use.settings = ["frames=/oldmem/frames", "route=oldmem"]
    use.hasModule = true
    use.hook = "stephook"
    use.hookSettings = """
      module load
      module hash before
      handover save /oldmem/frames frames

      """
    module.oldmem = use
    module.expectations = [
      .passes, .console("oldmem: route: /dev/oldmem"),
      .console("swap on /dev/"),
      .atLeast(fact: "frames-hashed", 450_000),
      .fact("frames-changed-outside", "0"),
      .atLeast(fact: "frames-changed", 100_000), .ends,
    ]

    var closed = module
    closed.name = "closed"
    closed.oldmem?.hasModule = false
    closed.append = "lab.control"
    closed.expectations = [
      .passes,
      .console("/dev/oldmem is closed: the module oldmem is not loaded"),
      .line("oldmem: route: no way to write old memory", "carrying on without"),
      .silence("swap on /dev/"), .ends,
    ]
    return Scenario(
      name: "routes",
      summary: "swap over /dev/oldmem, and what is said where it is closed",
      trials: [module, closed]
    )
  }()
}
