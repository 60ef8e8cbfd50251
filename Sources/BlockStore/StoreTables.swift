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
  /// What the maps' seals are made with: the run's seed, and the shape.
  let mapSeed: UInt64
  /// Whether slots may be used that no entry names.
  var hasStrays = false
  private let base: UnsafeMutableRawPointer
  private let slotWordsOffset: Int
  private let sealsOffset: Int
  let pagesOffset: Int
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
    seed: UInt64
  ) throws(StoreError) {
    try unsafe self.init(laying: shape, over: region, seed: seed)
    writeHeader()
  }

  /// Goes on with the region of a store that was made with these.
  ///
  /// The region must outlive the tables, and whoever used it before must be
  /// gone.
  @unsafe
  init(
    continuing region: UnsafeMutableRawBufferPointer,
    shape: StoreShape,
    seed: UInt64
  ) throws(StoreError) {
    let found = try unsafe StoreTables(laying: shape, over: region, seed: seed)
    // Whoever goes on knows what should be there. A header that says something
    // else is another store's, or damaged: then it is the entries that tell.
    guard found.isHeaderWhole || found.isMostlySealed else {
      throw .notThisStore
    }
    try unsafe self.init(laying: shape, over: region, seed: seed)
    mendHeader()
  }

  @unsafe
  private init(
    laying shape: StoreShape,
    over region: UnsafeMutableRawBufferPointer,
    seed: UInt64
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
    let sizes = UInt64(shape.blocks) << 32 | UInt64(shape.slotsPerShelf)
    mapSeed = SplitMix64.mixed(~seed ^ sizes)
    unsafe base = start
    slotWordsOffset = shape.slotWordsOffset
    sealsOffset = shape.sealsOffset
    slotMapsOffset = shape.slotMapsOffset
    pagesOffset = shape.pagesOffset
    wordsPerMap = shape.wordsPerMap
    wordsPerHint = max(1, (wordsPerMap + Self.hints - 1) / Self.hints)
  }

  private var isHeaderWhole: Bool {
    u64(at: HeaderField.magic) == HeaderField.oldmemBS
      && u32(at: HeaderField.version) == HeaderField.newest
      && u32(at: HeaderField.headerByteCount)
        == UInt32(StoreShape.headerByteCount)
      && u32(at: HeaderField.blocks) == shape.blocks
      && u32(at: HeaderField.copies) == UInt32(shape.copies)
      && u32(at: HeaderField.slotsPerShelf) == shape.slotsPerShelf
      && u64(at: HeaderField.seed) == seed
  }

  /// Whether most of the blocks that are held are sealed with this seed, and
  /// most words of the maps with this shape.
  private var isMostlySealed: Bool {
    var held = 0
    var sealed = 0
    for number in 0..<shape.blocks {
      let block = BlockNumber(number)
      let entry = entry(of: block)
      guard entry.isHeld else { continue }
      held &+= 1
      if isSealed(entry, of: block) { sealed &+= 1 }
    }
    guard held == 0 || sealed > held / 2 else { return false }
    sealed = 0
    for shelf in 0..<shape.copies {
      for word in 0..<wordsPerMap where states(shelf, word: word) != nil {
        sealed &+= 1
      }
    }
    return sealed > shape.copies &* wordsPerMap / 2
  }

  /// Writes the fields that never change again, where they were damaged.
  mutating func mendHeader() {
    guard !isHeaderWhole else { return }
    count(.metadataRepaired)
    writeShape()
  }

  private mutating func writeHeader() {
    for shelf in 0..<shape.copies { formatSlotMap(shelf) }
    writeShape()
  }

  private mutating func writeShape() {
    put(u32: HeaderField.newest, at: HeaderField.version)
    put(
      u32: UInt32(StoreShape.headerByteCount),
      at: HeaderField.headerByteCount
    )
    put(u32: shape.blocks, at: HeaderField.blocks)
    put(u32: UInt32(shape.copies), at: HeaderField.copies)
    put(u32: shape.slotsPerShelf, at: HeaderField.slotsPerShelf)
    put(u64: seed, at: HeaderField.seed)
    Self.keepOrder()
    // Last, so that a region with a magic has a whole header.
    put(u64: HeaderField.oldmemBS, at: HeaderField.magic)
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

  func seal(of block: BlockNumber) -> UInt32 {
    u32(at: sealsOffset &+ Int(block.value) &* 4)
  }

  mutating func setSeal(_ seal: UInt32, of block: BlockNumber) {
    put(u32: seal, at: sealsOffset &+ Int(block.value) &* 4)
  }

  /// One of the two pages at the end, 4096 bytes for a copy that is being
  /// looked at.
  ///
  /// The span must not outlive the tables, and no two of one page may be used
  /// at a time.
  @unsafe
  @_lifetime(immortal)
  func page(_ number: Int) -> MutableRawSpan {
    // SAFETY: the shape has two pages there; the rest is the caller's word.
    unsafe _overrideLifetime(
      MutableRawSpan(
        _unsafeStart: base + (pagesOffset &+ number &* Frame.size),
        byteCount: Frame.size
      ),
      copying: ()
    )
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
