// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// dracut and systemd under full swap, from the switch of root to the end.
  ///
  /// systemd kills at switch-root and at shutdown, udev probes every device,
  /// and `systemctl reboot -f` wants all swapped pages back first.
  static let systemdInitramfs: Scenario = {
    var stock = Trial(name: "stock", capture: .dracut)
    stock.disks = [.systemd, .data]
    stock.crashkernel = MemorySize(mebibytes: 112)
    stock.limit = 400
    stock.expectations = [
      .console("System is deadlocked on memory"), .ends,
    ]

    var oldmem = stock
    oldmem.name = "oldmem"
    oldmem.oldmem = OldmemUse()
    oldmem.expectations = [.passes, .ends, .endsAfterVerdict(seconds: 60)]
    return Scenario(
      name: "systemd-initramfs",
      summary: "a dracut initramfs switches root and reboots under full swap",
      trials: [stock, oldmem]
    )
  }()
}
