// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@Suite struct MappingTests {
  private let folder: Folder
  private static let page = 4096

  /// A file of four pages, each full of its number.
  init() throws {
    folder = try Folder()
    let content = (0..<4).flatMap {
      [UInt8](repeating: $0 + 1, count: Self.page)
    }
    try folder.write("pages", content)
  }

  private func byte(_ mapping: borrowing Mapping, _ page: Int) -> UInt8? {
    mapping.number(at: page * Self.page, as: UInt8.self)
  }

  @Test func anonymousMemoryIsZero() throws {
    for shared in [false, true] {
      var mapping = try Mapping.anonymous(
        byteCount: 2 * Self.page,
        shared: shared
      )
      for offset in 0..<2 * Self.page {
        #expect(mapping.number(at: offset, as: UInt8.self) == 0)
      }
      var bytes = mapping.bytes
      #expect(bytes.byteCount == 2 * Self.page)
      bytes.storeBytes(of: 0x1234, toByteOffset: 100, as: UInt16.self)
      #expect(mapping.number(at: 100, as: UInt16.self) == 0x1234)
      #expect(mapping.readOnly.byteCount == 2 * Self.page)
    }
  }

  @Test func hugeMemoryIsZeroAlignedAndCanBeLockedAndPinned() throws {
    var mapping = try Mapping.huge(byteCount: 3 * Self.page)
    #expect(mapping.address % (2 << 20) == 0)
    #expect(mapping.byteCount == 3 * Self.page)
    #expect(mapping.number(at: 3 * Self.page - 8, as: UInt64.self) == 0)
    var bytes = mapping.bytes
    bytes.storeBytes(of: 7, toByteOffset: 9000, as: UInt8.self)
    try mapping.lock()
    do {
      var ring = try Ring(entries: 1)
      try ring.pin(mapping)
    }
    #expect(mapping.number(at: 9000, as: UInt8.self) == 7)
    for count in [0, -4096, 100] {
      #expect(throws: Errno.invalid) { _ = try Mapping.huge(byteCount: count) }
    }
  }

  @Test func numbersThatDoNotFitAreNone() throws {
    let mapping = try Mapping.anonymous(byteCount: Self.page)
    #expect(mapping.number(at: 4088, as: UInt64.self) == 0)
    #expect(mapping.number(at: 4089, as: UInt64.self) == nil)
    #expect(mapping.number(at: 4096, as: UInt8.self) == nil)
    #expect(mapping.number(at: -1, as: UInt8.self) == nil)
    #expect(mapping.number(at: .min, as: UInt8.self) == nil)
    #expect(mapping.number(at: .max, as: UInt8.self) == nil)
  }

  @Test func aFileCanBeRead() throws {
    let file = try Descriptor(folder["pages"], .read)
    let mapping = try Mapping.reading(
      file,
      at: UInt64(Self.page),
      byteCount: 2 * Self.page
    )
    #expect(byte(mapping, 0) == 2)
    #expect(byte(mapping, 1) == 3)
    #expect(throws: Errno.invalid) {
      _ = try Mapping.reading(file, at: 1, byteCount: Self.page)
    }
  }

  @Test func partsOfAReservationBecomeAFile() throws {
    var mapping = try Mapping.reserved(byteCount: 4 * Self.page)
    let file = try Descriptor(folder["pages"], .readWrite)
    for (place, page) in [(0, 3), (1, 0), (2, 2), (3, 1)] {
      try mapping.replace(
        at: place * Self.page,
        byteCount: Self.page,
        with: file,
        fileOffset: UInt64(page * Self.page)
      )
    }
    #expect((0..<4).map { byte(mapping, $0) } == [4, 1, 3, 2])
    var bytes = mapping.bytes
    bytes.storeBytes(of: 0xee, toByteOffset: Self.page + 5, as: UInt8.self)
    #expect(try folder.read("pages")[5] == 0xee)
  }

  @Test func nothingOutsideIsReplaced() throws {
    // Two pages of ours with a guard of ours on both sides.
    var mapping = try Mapping.anonymous(byteCount: 2 * Self.page)
    let file = try Descriptor(folder["pages"], .readWrite)
    let places = [
      (2 * Self.page, Self.page), (Self.page, 2 * Self.page),
      (-Self.page, Self.page), (0, 3 * Self.page), (0, -Self.page),
      (Self.page, Int.max), (Int.max, Self.page), (Int.min, Self.page),
      (0, Int.min),
    ]
    for (offset, count) in places {
      #expect(throws: Errno.invalid) {
        try mapping.replace(
          at: offset,
          byteCount: count,
          with: file,
          fileOffset: 0
        )
      }
    }
    #expect(byte(mapping, 0) == 0)
    #expect(byte(mapping, 1) == 0)
  }

  @Test func whatTheKernelRefusesIsSaid() throws {
    #expect(throws: Errno.invalid) {
      _ = try Mapping.anonymous(byteCount: 0)
    }
    #expect(throws: Errno(12)) {
      _ = try Mapping.reserved(byteCount: 1 << 60)
    }
  }
}
