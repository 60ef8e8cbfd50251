// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@Suite struct ParsingTests {
  @Test(arguments: [
    ("4096", 4096), ("256M", 256 << 20), ("1g", 1 << 30), ("2T", 2 << 40),
    ("0", 0), ("9k", 9216),
  ])
  func sizesAreRead(_ text: String, _ bytes: UInt64) {
    #expect(ByteSize.parse(Array(text.utf8).span) == bytes)
  }

  @Test(arguments: [
    "", "M", "-1", "1.5G", "1MM", "0x10", "99999999999999999999",
    "9999999999999999999T", " 1",
  ])
  func whatIsNoSizeIsNone(_ text: String) {
    #expect(ByteSize.parse(Array(text.utf8).span) == nil)
  }

  @Test(arguments: [("0", 0), ("0xff", 255), ("FFFFFFFFFFFFFFFF", UInt64.max)])
  func hexIsRead(_ text: String, _ number: UInt64) {
    #expect(Hex.parse(Array(text.utf8).span) == number)
  }

  @Test(arguments: ["", "0x", "g", "-1", "10000000000000000", " 1", "1 "])
  func whatIsNoHexIsNone(_ text: String) {
    #expect(Hex.parse(Array(text.utf8).span) == nil)
  }
}
