// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// What a machine with Secure Boot gets: /dev/mem is closed, and no module
  /// loads that the distribution has not signed.
  static let lockdown: Scenario = {
    let down = "lockdown=integrity"
    // Apart from the reservation; two copies of the device fit.
    let window = "memmap=704M!512M"

    // Nothing that could be used instead was packed.
    var refused = Trial(name: "refused", capture: .kdump)
    refused.disks = [.root, .data]
    refused.crashkernel = MemorySize(mebibytes: 148)
    refused.anonymous = 64
    refused.append = down
    refused.oldmem = OldmemUse()
    refused.expectations = [
      .passes, .dump(true),
      .console("oldmem: route: /dev/mem is closed: the kernel is locked down"),
      .carriesOnWithout, .silence("swap on /dev/"), .ends,
    ]

    var dump = refused
    dump.name = "dm"
    dump.crashkernel = MemorySize(mebibytes: 108)
    dump.append = "\(down) \(window)"
    dump.oldmem?.packsStitching = true
    dump.oldmem?.settings = ["size=320M"]
    dump.expectations = [
      .passes, .dump(true),
      .console("oldmem: route: /dev/mem is closed: the kernel is locked down"),
      .console("checked by the kernel"), .console("swap on /dev/dm-"),
      .silence("Out of memory"), .ends,
    ]

    var hog = Trial.hogging("dm-hog")
    hog.crashkernel = MemorySize(mebibytes: 112)
    hog.limit = 600
    // Swap for all of it: what is full kills sooner here than elsewhere.
    hog.append = "\(down) memmap=832M!512M"
    hog.oldmem = dump.oldmem
    hog.oldmem?.settings = ["size=384M"]
    hog.expectations =
      Trial.hogged(pagesOut: 30_000) + [.console("swap on /dev/dm-")]

    return Scenario(
      name: "lockdown",
      summary: "under lockdown the kernel's own drivers lend memory",
      trials: [refused, dump, hog]
    )
  }()
}
