// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// A kernel without ublk: swap goes over NBD, or over the kernel's own
  /// drivers where nobody is to serve it.
  static let debian61: Scenario = {
    var stock = Trial(name: "stock", capture: .kdump)
    stock.disks = [.root, .data]
    stock.crashkernel = MemorySize(mebibytes: 92)
    stock.expectations = [
      .console("Kernel panic - not syncing: System is deadlocked on memory"),
      .dump(false), .ends,
    ]

    var nbd = stock
    nbd.name = "nbd"
    nbd.oldmem = OldmemUse()
    nbd.expectations = [
      .passes, .dump(true), .silence("Out of memory"),
      .console("swap on /dev/nbd"), .ends,
    ]

    var stitched = nbd
    stitched.name = "dm"
    // Its dm-integrity takes 4 MiB for each copy besides.
    stitched.crashkernel = MemorySize(mebibytes: 128)
    stitched.append = "memmap=704M!512M"
    stitched.oldmem?.packsStitching = true
    stitched.oldmem?.settings = ["route=dm", "size=320M"]
    stitched.expectations = [
      .passes, .dump(true), .silence("Out of memory"),
      .console("swap on /dev/dm-"), .ends,
    ]

    var comparingNBD = Trial.comparing("nbd-kept")
    comparingNBD.expectations.append(.console("swap on /dev/nbd"))

    var comparingStitched = Trial.comparing(
      "dm-kept",
      settings: ["route=dm"]
    )
    comparingStitched.crashkernel = stitched.crashkernel
    comparingStitched.append = stitched.append
    comparingStitched.oldmem?.packsStitching = true
    comparingStitched.expectations.append(.console("swap on /dev/dm-"))

    return Scenario(
      name: "debian-6.1",
      summary: "a kernel without ublk: NBD and device-mapper carry the swap",
      trials: [stock, nbd, stitched, comparingNBD, comparingStitched],
      kernel: "6.1"
    )
  }()
}
