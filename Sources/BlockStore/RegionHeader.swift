// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// What a region says of the store in it.
struct RegionHeader {
  /// "oldmemBS".
  static let magic: UInt64 = 0x5342_6d65_6d64_6c6f
  static let version: UInt32 = 2

  let blocks: UInt32
  let copies: UInt32
  let slotsPerShelf: UInt32
  let seed: UInt64

  /// Reads the header, or throws when there is none of this version.
  @unsafe
  init(_ region: UnsafeRawBufferPointer) throws(StoreError) {
    let needed = StoreShape.headerByteCount
    guard region.count >= needed else {
      throw .regionTooSmall(needed: needed, given: region.count)
    }
    let header = unsafe ByteReader(region.bytes)
    guard let magic = try? header.u64(at: HeaderField.magic),
      magic == Self.magic,
      let version = try? header.u32(at: HeaderField.version),
      version == Self.version,
      let blocks = try? header.u32(at: HeaderField.blocks),
      let copies = try? header.u32(at: HeaderField.copies),
      let slotsPerShelf = try? header.u32(at: HeaderField.slotsPerShelf),
      let seed = try? header.u64(at: HeaderField.seed)
    else { throw .notThisStore }
    self.blocks = blocks
    self.copies = copies
    self.slotsPerShelf = slotsPerShelf
    self.seed = seed
  }
}
