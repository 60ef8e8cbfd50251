// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Five times the capture kernel's memory, every word verified.
  static let swapHog: Scenario = {
    var stock = Trial.hogging("stock")
    // 128 + SIGKILL: the kernel's out-of-memory killer chose the hog.
    stock.expectations = [
      .console("Out of memory: Killed process"), .fact("hog-status", "137"),
      .ends,
    ]

    var oldmem = stock
    oldmem.name = "oldmem"
    oldmem.oldmem = OldmemUse()
    oldmem.repeats = 20
    oldmem.expectations = Trial.hogged()
    // What kernels without ublk get. Debian's 6.1 leaves more memory free, and
    // so the hog is larger than the usual swap.
    var nbd = oldmem
    nbd.name = "nbd"
    nbd.append = "lab.pause=0"
    nbd.limit = 900
    nbd.oldmem?.settings = ["size=384M"]
    nbd.oldmem?.modules = ["nbd"]

    return Scenario(
      name: "swap-hog",
      summary: "a hog of five times the memory survives, all words verified",
      trials: [stock, oldmem, nbd]
    )
  }()
}
