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

  @Test func aDeviceIsFoundByItsName() {
    #expect(isNamed("/dev/ublkb0", "/dev/ublkb0"))
    #expect(!isNamed("/dev/ublkb1", "/dev/ublkb0"))
    #expect(!isNamed("Filename", "/dev/ublkb0"))
    #expect(!isNamed("", "/dev/ublkb0"))
  }

  @Test func aLongerNameIsAnotherDevice() {
    #expect(!isNamed("/dev/ublkb01", "/dev/ublkb0"))
    #expect(!isNamed("/dev/ublkb0p1", "/dev/ublkb0"))
  }

  @Test func aDeviceThatHasDisappearedIsFoundStill() {
    #expect(isNamed("/dev/ublkb0\\040(deleted)", "/dev/ublkb0"))
  }
}
