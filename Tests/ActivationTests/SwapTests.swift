// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

/// What /proc/swaps may say of a device.
@Suite struct SwapTests {
  private func isNamed(_ entry: String, _ device: Path) -> Bool {
    Swap.names(Array(entry.utf8)[...], device)
  }

  private func isActive(_ device: Path, in text: String) -> Bool {
    Swap.isActive(device, in: Array(text.utf8))
  }

  private let header = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

  @Test func aDeviceInTheListIsActive() {
    let two =
      header + """
        /dev/sda2                               partition\t999\t0\t-2
        /dev/ublkb0                             partition\t262140\t0\t32767

        """
    #expect(isActive("/dev/ublkb0", in: two))
    #expect(isActive("/dev/sda2", in: two))
    // Without a newline at the end.
    #expect(isActive("/dev/ublkb0", in: String(two.dropLast())))
    #expect(isActive("/dev/ublkb0", in: header + "/dev/ublkb0"))
  }

  @Test func aPartOfADeviceInTheListIsOfTheDevice() {
    for line in [
      "/dev/ublkb0p1", "/dev/ublkb0p12", "/dev/ublkb0p1\\040(deleted)",
    ] {
      #expect(isActive("/dev/ublkb0", in: header + line + "   partition\t9\n"))
      #expect(!isActive("/dev/ublkb1", in: header + line + " partition\t9\n"))
    }
    for line in ["/dev/ublkb0p", "/dev/ublkb0p1x", "/dev/ublkb0x1"] {
      #expect(!isActive("/dev/ublkb0", in: header + line + " partition\n"))
    }
    // Between a letter and a number the kernel puts no "p".
    #expect(!isActive("/dev/sda", in: header + "/dev/sdap1 partition\n"))
  }

  @Test func otherDevicesAreNot() {
    let one = header + "/dev/ublkb01 partition\t262140\t0\t32767\n"
    #expect(!isActive("/dev/ublkb0", in: one))
    #expect(!isActive("/dev/ublkb011", in: one))
    #expect(!isActive("/dev/ublkb0", in: header))
    #expect(!isActive("/dev/ublkb0", in: ""))
    #expect(!isActive("/dev/ublkb0", in: "\n\n\t\n"))
    // Only the first word of a line is a device.
    #expect(!isActive("partition", in: one))
  }

  @Test func theListOfThisKernelIsRead() {
    #expect(!Swap.isActive("/dev/absent"))
  }

  @Test func whatIsNoDeviceIsNotSwappedTo() throws {
    let shop = try Shop()
    try shop.write("file", [1, 2, 3])
    // ENOTTY: BLKGETSIZE64 is for block devices.
    #expect(throws: Errno(25)) {
      try Swap.activate(shop["file"], seed: 1)
    }
    #expect(try shop.read("file") == [1, 2, 3])
    #expect(throws: Errno.noEntry) {
      try Swap.activate(shop["absent"], seed: 1)
    }
  }

  @Test func aDeviceIsFoundByItsName() {
    #expect(isNamed("/dev/ublkb0", "/dev/ublkb0"))
    #expect(!isNamed("/dev/ublkb1", "/dev/ublkb0"))
    #expect(!isNamed("Filename", "/dev/ublkb0"))
    #expect(!isNamed("", "/dev/ublkb0"))
  }

  @Test func aLongerNameIsAnotherDeviceUnlessItIsAPart() {
    #expect(!isNamed("/dev/ublkb01", "/dev/ublkb0"))
    #expect(!isNamed("/dev/ublkb01p1", "/dev/ublkb0"))
    #expect(isNamed("/dev/ublkb0p1", "/dev/ublkb0"))
  }

  @Test func aDeviceThatHasDisappearedIsFoundStill() {
    #expect(isNamed("/dev/ublkb0\\040(deleted)", "/dev/ublkb0"))
  }
}
