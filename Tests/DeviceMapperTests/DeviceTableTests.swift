// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Testing

@testable import DeviceMapper

/// The bytes that the kernel gets, read back as it does.
@Suite struct DeviceTableTests {
  private func word(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func text(_ bytes: [UInt8], _ offset: Int) -> String {
    String(decoding: bytes[offset...].prefix { $0 != 0 }, as: UTF8.self)
  }

  @Test func anEmptyTableIsAHeader() {
    let table = DeviceTable(of: "oldmem-copy0")
    #expect(table.bytes.count == 312)
    #expect(word(table.bytes, 0, 4) == 4)
    #expect(word(table.bytes, 12, 4) == 312)
    #expect(word(table.bytes, 16, 4) == 312)
    #expect(word(table.bytes, 20, 4) == 0)
    #expect(text(table.bytes, 48) == "oldmem-copy0")
  }

  @Test func everyTargetLeadsToTheNext() {
    var table = DeviceTable(of: "x")
    let device = DeviceNumber(major: 259, minor: 70_000)
    let parts: [(first: UInt64, count: UInt64)] = [
      (0, 8), (99_992, 16), (8, 1 << 40),
    ]
    for part in parts {
      table.append(linear: device, first: part.first, sectors: part.count)
    }
    #expect(word(table.bytes, 12, 4) == UInt64(table.bytes.count))
    #expect(word(table.bytes, 20, 4) == 3)
    var place = 312
    var start: UInt64 = 0
    for part in parts {
      #expect(word(table.bytes, place, 8) == start)
      #expect(word(table.bytes, place + 8, 8) == part.count)
      #expect(text(table.bytes, place + 24) == "linear")
      #expect(text(table.bytes, place + 40) == "259:70000 \(part.first)")
      let next = Int(word(table.bytes, place + 20, 4))
      #expect(next % 8 == 0)
      place += next
      start += part.count
    }
    #expect(place == table.bytes.count)
    #expect(table.sectors == start)
  }

  @Test func aNameThatIsTooLongLosesItsEnd() {
    let name = Path([UInt8](repeating: 0x61, count: 300).span)
    let table = DeviceTable(of: name)
    #expect(text(table.bytes, 48).utf8.count == 127)
    #expect(word(table.bytes, 176, 8) == 0)
  }

  /// include/linux/kdev_t.h: new_encode_dev.
  @Test func aNumberIsWhatTheKernelMadeOfIt() {
    for (major, minor): (UInt64, UInt64) in [
      (254, 3), (4095, 1_048_575), (259, 256),
    ] {
      let encoded = minor & 0xff | major << 8 | (minor & ~0xff) << 12
      let number = DeviceNumber(encoded: encoded)
      #expect(number.major == major)
      #expect(number.minor == minor)
    }
    #expect(
      DeviceNumber(Array("259:1\n".utf8).span)
        == DeviceNumber(major: 259, minor: 1)
    )
    for text in ["", "259", "259:", ":1", "1:2:3", "a:1", "12345678:1"] {
      #expect(DeviceNumber(Array(text.utf8).span) == nil)
    }
  }
}
