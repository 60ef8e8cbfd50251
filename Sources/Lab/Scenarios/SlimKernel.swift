// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Debian's kernel crashes, and a small one of our own captures
  /// (kernel/capture.config), with the kdump initramfs that Debian makes for
  /// it.
  static let slimKernel: Scenario = {
    var stock = Trial(name: "stock", capture: .kdump)
    stock.captureKernel = .built("kernel")
    stock.disks = [.root, .data]
    stock.crashkernel = MemorySize(mebibytes: 48)
    stock.expectations = [.dump(false), .ends]

    var oldmem = stock
    oldmem.name = "oldmem"
    oldmem.oldmem = OldmemUse()
    oldmem.expectations = [
      .passes, .dump(true), .silence("Out of memory"), .ends,
    ]
    return Scenario(
      name: "slim-kernel",
      summary: "a slim capture kernel dumps at 48M with oldmem, not without",
      trials: [stock, oldmem]
    )
  }()
}
