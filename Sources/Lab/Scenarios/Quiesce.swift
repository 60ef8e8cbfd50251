// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Devices that the crashed kernel used and this one has no driver for may
  /// no longer write to memory, where that is wanted; else they still may.
  ///
  /// The capture kernel has no driver for any of the machine's virtio devices,
  /// and so no port either: what it tells is on the console.
  static let quiesce: Scenario = {
    var off = Trial(
      name: "off",
      capture: .lab(script: "quiesce.sh", programs: [], modules: [])
    )
    off.crashkernel = MemorySize(mebibytes: 128)
    off.disks = [.data, .raw(name: "other", size: MemorySize(mebibytes: 16))]
    off.append = "initcall_blacklist=virtio_pci_driver_init"
    off.oldmem = OldmemUse()
    // The port's and the two disks' at least.
    let driverless = Expectation.atLeast(fact: "driverless-functions", 3)
    off.expectations = [
      driverless, .atLeast(fact: "bus-masters", 3),
      .silence("oldmem: quiesce:"), .console("swap on /dev/ublkb"), .ends,
    ]

    var on = off
    on.name = "driverless"
    on.oldmem?.settings = ["quiesce=driverless"]
    on.expectations = [
      driverless, .fact("bus-masters", "0"),
      .line("oldmem: quiesce: 0000:00:", "bus mastering is off now"),
      .console("PCI functions were cut off from memory, 0 could not be"),
      .console("swap on /dev/ublkb"), .ends,
    ]
    return Scenario(
      name: "quiesce",
      summary: "devices without a driver lose the right to write to memory",
      trials: [off, on]
    )
  }()
}
