// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@Suite struct DeviceNameTests {
  @Test(arguments: [
    (DeviceName.ublk(0), "/dev/ublkb0"), (.ublk(12), "/dev/ublkb12"),
    (.nbd(0), "/dev/nbd0"), (.nbd(15), "/dev/nbd15"),
    (.mapped(0), "/dev/dm-0"), (.mapped(1_048_575), "/dev/dm-1048575"),
  ])
  func aNameSurvivesItsCode(_ name: DeviceName, _ path: String) {
    #expect(DeviceName(code: name.code) == name)
    #expect(String(decoding: name.path.name, as: UTF8.self) == path)
    #expect(name.queue.hasPrefix("/sys/block/"))
    #expect(name.queue.hasSuffix("/queue"))
  }

  @Test func everyCodeIsSomeDevice() {
    for code in [0, 1, 1 << 30, 1 << 31, 3 << 30, .max] as [UInt32] {
      let name = DeviceName(code: code)
      #expect(DeviceName(code: name.code) == name)
    }
  }
}
