// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Synchronization

/// The fields of the region that StoreShape.swift draws.
///
/// Whoever calls has checked that the block is one of the shape's; copies and
/// shelves are counted below `shape.copies`.
@safe struct StoreTables: ~Copyable {
  let shape: StoreShape
  let seed: UInt64
  private let base: UnsafeMutableRawPointer
  private let slotWordsOffset: Int
  let slotMapsOffset: Int
  let wordsPerMap: Int
  let wordsPerHint: Int

  /// Makes an empty store of a region of zero bytes.
  ///
  /// The region must outlive the tables and be nobody else's meanwhile.
  @unsafe
  init(
    formatting region: UnsafeMutableRawBufferPointer,
    shape: StoreShape,
    seed: UInt64,
    isNew: Bool = true
  ) throws(StoreError) {
    let needed = shape.tableByteCount
    let given = region.count
    guard let start = region.baseAddress, given >= needed else {
      throw .regionTooSmall(needed: needed, given: given)
    }
    guard UInt(bitPattern: start) % 8 == 0 else {
      throw .regionMisaligned
    }
    self.shape = shape
    self.seed = seed
    unsafe base = start
    slotWordsOffset = shape.slotWordsOffset
    slotMapsOffset = shape.slotMapsOffset
    wordsPerMap = shape.wordsPerMap
    wordsPerHint = max(1, (wordsPerMap + Self.hints - 1) / Self.hints)
    if isNew { writeHeader() }
  }

  /// Whether the region holds tables of this shape and seed.
  var isFormatted: Bool {
    u64(at: HeaderField.magic) == Self.magic
      && u32(at: HeaderField.blocks) == shape.blocks
      && u32(at: HeaderField.copies) == UInt32(shape.copies)
      && u32(at: HeaderField.slotsPerShelf) == shape.slotsPerShelf
      && u64(at: HeaderField.seed) == seed
  }

  /// "oldmemBS".
  private static let magic: UInt64 = 0x5342_6d65_6d64_6c6f

  private mutating func writeHeader() {
    put(u32: 1, at: HeaderField.version)
    put(
      u32: UInt32(StoreShape.headerByteCount),
      at: HeaderField.headerByteCount
    )
    put(u32: shape.blocks, at: HeaderField.blocks)
    put(u32: UInt32(shape.copies), at: HeaderField.copies)
    put(u32: shape.slotsPerShelf, at: HeaderField.slotsPerShelf)
    put(u64: seed, at: HeaderField.seed)
    for shelf in 0..<shape.copies { formatSlotMap(shelf) }
    Self.keepOrder()
    // Last, so that a region with a magic has a whole header.
    put(u64: Self.magic, at: HeaderField.magic)
  }

  func checksum(of block: BlockNumber) -> UInt64 {
    u64(at: StoreShape.headerByteCount &+ Int(block.value) &* 8)
  }

  mutating func setChecksum(_ checksum: UInt64, of block: BlockNumber) {
    put(u64: checksum, at: StoreShape.headerByteCount &+ Int(block.value) &* 8)
  }

  func slotWord(of block: BlockNumber, copy: Int) -> SlotWord {
    SlotWord(bits: u32(at: slotWordOffset(block, copy)))
  }

  mutating func setSlotWord(
    _ word: SlotWord,
    of block: BlockNumber,
    copy: Int
  ) {
    put(u32: word.bits, at: slotWordOffset(block, copy))
  }

  private func slotWordOffset(_ block: BlockNumber, _ copy: Int) -> Int {
    slotWordsOffset &+ (Int(block.value) &* shape.copies &+ copy) &* 4
  }

  /// Keeps the stores before the call before those after it, in the order in
  /// which they reach the region and the frames.
  ///
  /// A process may be killed between any two of them and another one then go
  /// on with what it left. On x86 this holds back the compiler only.
  static func keepOrder() {
    atomicMemoryFence(ordering: .acquiringAndReleasing)
  }

  func u32(at offset: Int) -> UInt32 {
    // SAFETY: offsets come from the shape, for which the region is large
    // enough; all fields lie on their own size.
    UInt32(
      littleEndian: unsafe base.load(fromByteOffset: offset, as: UInt32.self)
    )
  }

  func u64(at offset: Int) -> UInt64 {
    // SAFETY: as for u32(at:).
    UInt64(
      littleEndian: unsafe base.load(fromByteOffset: offset, as: UInt64.self)
    )
  }

  mutating func put(u32 value: UInt32, at offset: Int) {
    // SAFETY: as for u32(at:), and nobody else writes to the region.
    unsafe base.storeBytes(
      of: value.littleEndian,
      toByteOffset: offset,
      as: UInt32.self
    )
  }

  mutating func put(u64 value: UInt64, at offset: Int) {
    // SAFETY: as for put(u32:at:).
    unsafe base.storeBytes(
      of: value.littleEndian,
      toByteOffset: offset,
      as: UInt64.self
    )
  }
}
