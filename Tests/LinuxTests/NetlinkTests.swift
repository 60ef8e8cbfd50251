// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Linux

/// The kernel's own controller is the judge: it is on every machine.
@Suite struct NetlinkTests {
  @Test func theControllerIsFoundByItsName() throws {
    var netlink = try Netlink()
    // GENL_ID_CTRL, in include/uapi/linux/genetlink.h.
    #expect(try netlink.family("nlctrl") == 16)
    #expect(try netlink.family("nlctrl") == 16)
  }

  @Test func whatIsNotThereIsAnErrno() throws {
    var netlink = try Netlink()
    #expect(throws: Errno.noEntry) { try netlink.family("oldmem-none") }
    // The same socket goes on.
    #expect(try netlink.family("nlctrl") == 16)
  }

  @Test func whatTheKernelRefusesIsAnErrno() throws {
    var netlink = try Netlink()
    // CTRL_CMD_GETFAMILY without a name or a number.
    let message = NetlinkMessage(to: 16, command: 3)
    #expect(throws: Errno.invalid) { _ = try netlink.ask(message) }
  }

  @Test func attributesHoldOthers() {
    var message = NetlinkMessage(to: 0x1234, command: 9, version: 1)
    message.append(3, UInt64(0x0102_0304_0506_0708))
    message.append(7) { list in
      list.append(1) { item in item.append(1, UInt32(5)) }
    }
    message.append(2, "nbd")
    message.stamp(number: 77)
    let bytes = (0..<message.count).map { message.bytes[$0] }
    #expect(
      bytes == [
        56, 0, 0, 0, 0x34, 0x12, 5, 0, 77, 0, 0, 0, 0, 0, 0, 0,
        9, 1, 0, 0,
        12, 0, 3, 0, 8, 7, 6, 5, 4, 3, 2, 1,
        16, 0, 7, 0x80, 12, 0, 1, 0x80, 8, 0, 1, 0, 5, 0, 0, 0,
        8, 0, 2, 0, 0x6e, 0x62, 0x64, 0,
      ]
    )
  }
}
