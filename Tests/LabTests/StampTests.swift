// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

/// A sector of a block, as it is on a disk.
private func sector(
  _ index: Int,
  of block: [UInt8]
) -> ArraySlice<UInt8> {
  block[index * Stamp.sectorSize..<(index + 1) * Stamp.sectorSize]
}

@Test func aStampIsWrittenAsTheGuestsWriteIt() {
  let bytes = Stamp.beingWritten.bytes(block: 0x0102_0304)
  #expect(bytes.count == 4096)
  // Little-endian: index, block, then "WR".
  #expect(bytes[8..<16] == [1, 0, 4, 3, 2, 1, 0x52, 0x57])
}

@Test func everySectorOfAStampIsKnownInItsPlace() {
  let block = Stamp.onDisk.bytes(block: 5)
  for index in 0..<8 {
    let found = SectorContent(sector(index, of: block), sector: 5 * 8 + index)
    #expect(found == .stamp(.onDisk))
  }
}

@Test func aStampInAnotherPlaceIsOther() {
  let block = Stamp.beingWritten.bytes(block: 5)
  #expect(SectorContent(sector(0, of: block), sector: 6 * 8) == .other)
  #expect(SectorContent(sector(1, of: block), sector: 5 * 8) == .other)
}

@Test func aStampWithOneOtherByteIsOther() {
  for byte in [0, 7, 100, 511] {
    var block = Stamp.onDisk.bytes(block: 5)
    block[byte] ^= 1
    #expect(SectorContent(sector(0, of: block), sector: 40) == .other)
  }
}

@Test func wordsOfTheHogAreKnownWhereverTheyBegin() {
  // As lab/guest/hog.c and stray.c make them.
  var word: UInt64 = 0x9E37_79B9_7F4A_7C15
  var bytes: [UInt8] = []
  for _ in 0..<200 {
    word ^= word << 13
    word ^= word >> 7
    word ^= word << 17
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
  }
  #expect(SectorContent(bytes[0..<512], sector: 3) == .hog)
  #expect(SectorContent(bytes[512..<1024], sector: 3) == .hog)
  bytes[800] ^= 1
  #expect(SectorContent(bytes[512..<1024], sector: 3) == .other)
}

@Test func zeroesAreNoHog() {
  let zeroes = [UInt8](repeating: 0, count: 512)
  #expect(SectorContent(zeroes[...], sector: 0) == .zero)
}
