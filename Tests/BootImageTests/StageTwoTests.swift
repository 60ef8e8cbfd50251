// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Testing

@Suite struct ManifestTests {
  let manifest: Manifest

  init() throws {
    manifest = try Manifest(
      partSize: 1000,
      packedSize: 2500,
      unpackedSize: 9999,
      unpackedChecksum: 0x0123_4567_89ab_cdef,
      partChecksums: [1, 2, 3]
    )
  }

  @Test func readsBackWhatItWrites() throws {
    let bytes = manifest.bytes
    #expect(try Manifest(bytes.span) == manifest)
    #expect(bytes.count == 56 + 3 * 8)
    #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "OLDMEMS2")
  }

  @Test func knowsTheSizeOfEachPart() {
    #expect((0...3).map { manifest.size(ofPart: $0) } == [1000, 1000, 500, 0])
  }

  @Test func anyDamagedByteIsNoticed() {
    let bytes = manifest.bytes
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: ManifestError.self) { try Manifest(damaged.span) }
    }
  }

  @Test func anyLengthIsRefusedButItsOwn() {
    let bytes = manifest.bytes
    for count in 0..<bytes.count {
      #expect(throws: ManifestError.self) {
        try Manifest(bytes.span.extracting(0..<count))
      }
    }
    let longer = bytes + bytes
    #expect(throws: ManifestError.self) { try Manifest(longer.span) }
  }

  @Test func saysWhichVersionItDoesNotKnow() {
    var bytes = manifest.bytes
    bytes[8] = 2
    #expect(throws: ManifestError.unknownVersion(2)) {
      try Manifest(bytes.span)
    }
  }

  @Test(arguments: [2000, 3001] as [UInt64])
  func refusesSizesThatContradictOneAnother(packed: UInt64) {
    #expect(throws: ManifestError.badSizes) {
      try Manifest(
        partSize: 1000,
        packedSize: packed,
        unpackedSize: 1,
        unpackedChecksum: 0,
        partChecksums: [1, 2, 3]
      )
    }
  }
}

@Suite struct ImageLayoutTests {
  @Test func partsAreNamedByFourDigits() {
    let path = Array("/oldmem/stage2/0042\0".utf8)
    #expect(ImageLayout.partPath(42) == path)
    #expect(ImageLayout.partPath(10_000) == nil)
  }

  // printf '' | xxhsum -H64; printf abc | xxhsum -H64
  @Test func theChecksumIsXXH64() {
    #expect(checksum([]) == 0xef46_db37_51d8_e999)
    #expect(checksum(Array("abc".utf8)) == 0x44bc_2cf5_ad77_0999)
  }
}
