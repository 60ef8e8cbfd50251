// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Report
import Testing

/// Numbers as people read them, whatever they are.
@Suite struct NumberTests {
  @Test(arguments: [
    (0, "0"), (1, "1"), (1.04, "1"), (1.05, "1.1"), (-0.5, "-0.5"),
    (-0.04, "0"), (-12.34, "-12.3"), (1e300, "1000000000000000"),
    (-.infinity, "-1000000000000000"), (.nan, "0"),
  ])
  func aDecimalIsKept(value: Double, text: String) {
    #expect(decimal(value) == text)
  }

  @Test(arguments: [
    (0.25, "0.25"), (0.05, "0.05"), (2.5, "2.5"), (3, "3"), (-0.01, "-0.01"),
    (1e15, "1000000000000000"),
  ])
  func twoDecimalsAreKept(value: Double, text: String) {
    #expect(decimal(value, places: 2) == text)
  }

  @Test(arguments: [
    (0, "0 KiB"), (255, "1020 KiB"), (256, "1 MiB"), (300, "1.2 MiB"),
    (2_621_427, "10239.9 MiB"), (2_621_440, "10 GiB"), (2_634_548, "10.1 GiB"),
    (1 << 62, "17592186044416 GiB"), (.max, "17592186044416 GiB"),
  ])
  func framesAreASize(frames: UInt64, text: String) {
    #expect(sizeText(frames) == text)
  }

  @Test func sizesBelowEachOtherHaveTheirDecimal() {
    #expect(sizeText(256, isAligned: true) == "1.0 MiB")
    #expect(sizeText(3, isAligned: true) == "12 KiB")
  }

  @Test(arguments: [
    (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"),
    (259_731_456, "247.7 MiB"), (.max, "16777216 TiB"),
  ])
  func bytesAreASize(bytes: UInt64, text: String) {
    #expect(bytesText(bytes) == text)
  }
}
