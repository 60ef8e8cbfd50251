// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@Suite struct ByteReaderTests {
  @Test func readsLittleEndianAtAnyAlignment() throws {
    let bytes: [UInt8] = [0xff, 0x01, 0x02, 0x03, 0x04, 5, 6, 7, 8]
    let reader = ByteReader(bytes.span.bytes)
    #expect(try reader.u32(at: 1) == 0x0403_0201)
    #expect(try reader.u64(at: 1) == 0x0807_0605_0403_0201)
  }

  @Test(arguments: [-1, 8, 9, Int.max, Int.min])
  func refusesWhatLiesOutside(offset: Int) {
    let bytes = [UInt8](repeating: 0, count: 9)
    #expect(throws: OutOfBounds(offset: offset, size: 2, count: 9)) {
      _ = try ByteReader(bytes.span.bytes).u16(at: offset)
    }
  }
}
