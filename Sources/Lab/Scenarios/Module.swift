// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// /dev/oldmem of oldmem.ko: what it does, what it refuses, and that nothing
  /// that anybody asks of it makes the kernel complain.
  static let module: Scenario = {
    var kernel = Trial(
      name: "kernel",
      capture: .lab(
        script: "module.sh",
        programs: ["hog", "modulecalls", "modulefuzz"],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    kernel.ownModules = ["oldmem"]
    kernel.append = "lab.seed=1 lab.zone=kernel"
    kernel.limit = 600
    kernel.expectations = [
      .passes, .ends, .silence("WARNING:"), .silence("BUG:"),
      .silence("Out of memory"), .fact("stays", "yes"),
      .fact("refused", "34"), .fact("fuzz-calls", "100000"),
      .fact("locked-down", "refused"),
      // A fuzzer whose calls all fail finds nothing.
      .atLeast(fact: "fuzz-good", 20_000), .atLeast(fact: "fuzz-blocks", 3),
    ]
    var movable = kernel
    movable.name = "movable"
    movable.append = "lab.seed=2 lab.zone=movable"

    // It is for a kernel that another one crashed into.
    var alone = kernel
    alone.name = "no-crash"
    alone.crashes = false
    alone.firstAppend = "lab.no-crash"
    alone.expectations = [
      .passes, .ends,
      .console("oldmem: this is no capture kernel: there is no old memory"),
    ]
    return Scenario(
      name: "module",
      summary: "/dev/oldmem does what it should and refuses all else",
      trials: [kernel, movable, alone]
    )
  }()
}
