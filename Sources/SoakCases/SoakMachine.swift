// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Glibc
internal import Memory

/// A store, and a plain array of blocks beside it that is given the same.
struct SoakMachine: ~Copyable {
  let shape: StoreShape
  let seed: UInt64
  let arena: SoakArena
  let frames: SoakFrames
  let reader: RegionReader
  var store: BlockStore<SoakFrames>
  var tables: TableFaults
  /// Slots that were seen out of use.
  var quarantined: Set<UInt32> = []
  /// Reads that were answered with an error.
  var refusedReads: UInt64 = 0
  /// Changes of frames before what was asked last.
  private var changesBefore: UInt64 = 0
  /// The caller's buffer.
  private let buffer: UnsafeMutableRawBufferPointer

  init(_ shape: StoreShape, seed: UInt64) {
    self.shape = shape
    self.seed = seed
    arena = SoakArena(shape)
    frames = SoakFrames(arena)
    reader = RegionReader(region: arena.region, shape: shape, seed: seed)
    tables = TableFaults(reader)
    do throws(StoreError) {
      store = try BlockStore(
        formatting: arena.region,
        shape: shape,
        seed: seed,
        frames: frames
      )
    } catch { fatalError("\(error)") }
    buffer = .allocate(
      byteCount: Int(SoakOperation.longest) * Frame.size,
      alignment: Frame.size
    )
  }

  deinit { buffer.deallocate() }

  /// Lets another store go on, as after the death of the process.
  mutating func takeOver() throws(BrokenPromise) {
    do throws(StoreError) {
      store = try BlockStore(
        continuing: arena.region,
        shape: shape,
        seed: seed,
        frames: frames
      )
    } catch { throw BrokenPromise("nobody can go on: \(error)") }
  }

  /// Does the operation in the store alone; the block that failed.
  ///
  /// A caller's buffer is never zero by itself.
  mutating func ask(
    _ operation: SoakOperation
  ) throws(BrokenPromise) -> StoreError? {
    let size = Int(operation.count) * Frame.size
    changesBefore = arena.changes
    do {
      switch operation.kind {
      case .read:
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<size])
        memset(bytes.start, 0x77, size)
        var span = bytes.mutableBytes
        try store.read(operation.range, into: &span)
      case .write:
        for index in 0..<operation.count {
          let place = buffer.start + Int(index) * Frame.size
          operation.fill(place, index: index)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<size])
        try store.write(operation.range, from: bytes.bytes)
      case .discard: try store.discard(operation.range)
      case .writeZeroes: try store.writeZeroes(operation.range)
      case .scrub:
        for _ in 0..<operation.count {
          _ = store.scrub()
          guard !frames.isDead else { break }
          try judgeLosses()
        }
      }
    } catch let error as StoreError {
      return error
    } catch let error as BrokenPromise {
      throw error
    } catch { fatalError("\(error)") }
    return nil
  }

  /// Judges what the store has found to be lost, before its frames are other
  /// blocks'.
  mutating func judgeLosses() throws(BrokenPromise) {
    for block in tables.newlyLost() { try judgeLoss(of: block) }
  }

  /// Judges the answer by the model, which then knows of it.
  mutating func judge(
    _ operation: SoakOperation,
    _ failure: StoreError?
  ) throws(BrokenPromise) {
    try judgeLosses()
    var count = operation.count
    switch failure {
    case nil: break
    case .damaged(let block) where operation.kind == .read:
      refusedReads += 1
      if !tables.lost.contains(block.value) {
        try judgeLoss(of: block.value)
      }
      count = try prefix(of: operation, before: block)
      let zeroes = buffer.start + Int(count) * Frame.size
      guard isZero(zeroes) else {
        throw BrokenPromise("block \(block.value): bytes in a failed read")
      }
    case .full(let block) where operation.kind == .write:
      count = try prefix(of: operation, before: block)
      let isFull = (0..<shape.slotCount).allSatisfy {
        !reader.state($0).isFree
      }
      guard isFull || tables.hitMaps else {
        throw BrokenPromise("block \(block.value): full with free frames")
      }
    case .some(let error):
      throw BrokenPromise("\(operation.kind) failed: \(error)")
    }
    guard operation.kind == .read else {
      if operation.kind.changesBlocks { apply(operation, count: count) }
      return
    }
    for index in 0..<count {
      let block = operation.start + index
      let found = buffer.start + Int(index) * Frame.size
      guard memcmp(found, arena.content(block), Frame.size) == 0 else {
        throw BrokenPromise(
          """
          block \(block): WRONG BYTES, \(isZero(found) ? "zeroes" : "others") \
          for \(isZero(arena.content(block)) ? "zeroes" : "others"), \
          home \(tables.home(of: block)) now \(reader.slots(block))
          """
        )
      }
    }
  }

  /// Whether what was read last is what the model has of the block.
  func holds(_ block: UInt32) -> Bool {
    memcmp(buffer.start, arena.content(block), Frame.size) == 0
  }

  /// Tells the model of the operation's first blocks.
  func apply(_ operation: SoakOperation, count: UInt32) {
    for index in 0..<count {
      operation.fill(arena.content(operation.start + index), index: index)
    }
  }

  private func prefix(
    of operation: SoakOperation,
    before block: BlockNumber
  ) throws(BrokenPromise) -> UInt32 {
    guard block.value >= operation.start,
      block.value - operation.start < operation.count
    else { throw BrokenPromise("block \(block.value): was not asked for") }
    return block.value - operation.start
  }

  private func isZero(_ bytes: UnsafeMutableRawPointer) -> Bool {
    (0..<Frame.size / 8).allSatisfy {
      bytes.load(fromByteOffset: $0 * 8, as: UInt64.self) == 0
    }
  }

  /// Throws unless something else wrote to every copy of the block.
  mutating func judgeLoss(
    of block: UInt32,
    orNew new: UnsafeMutableRawPointer? = nil
  ) throws(BrokenPromise) {
    let home = tables.home(of: block)
    guard !home.isEmpty else {
      throw BrokenPromise("block \(block): lost, and never held")
    }
    for slot in home {
      let frame = arena.frame(slot)
      let isOld = memcmp(frame, arena.content(block), Frame.size) == 0
      let isNew = new.map { memcmp(frame, $0, Frame.size) == 0 } ?? false
      // A fault may have put the right bytes back after the store had looked.
      let isGood = isOld || isNew
      let mayBeGood = arena.changes != changesBefore
      guard arena.marks[Int(slot)] != 0, mayBeGood || !isGood else {
        throw BrokenPromise(
          """
          block \(block): lost, with slot \(slot) good \
          (mark \(arena.marks[Int(slot)]), old \(isOld), \
          \(reader.state(slot)), sealed \(reader.isSealed(block)), now \
          \(reader.slots(block)))
          """
        )
      }
    }
  }

  /// After a death: every block of what was under way must be old or new;
  /// then it is asked for again, as the kernel does.
  mutating func reissue(
    _ operation: SoakOperation
  ) throws(BrokenPromise) {
    let new = UnsafeMutableRawPointer.allocate(
      byteCount: Frame.size,
      alignment: 8
    )
    defer { new.deallocate() }
    if operation.kind.changesBlocks {
      for index in 0..<operation.count {
        let block = operation.start + index
        operation.fill(new, index: index)
        let read = SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
        switch try ask(read) {
        case nil:
          let found = buffer.start
          let isOld = memcmp(found, arena.content(block), Frame.size) == 0
          let isNew = memcmp(found, new, Frame.size) == 0
          guard isOld || isNew else {
            throw BrokenPromise("block \(block): neither old nor new")
          }
        case .damaged:
          for block in tables.newlyLost() {
            try judgeLoss(of: block, orNew: new)
          }
          if !tables.lost.contains(block) {
            try judgeLoss(of: block, orNew: new)
          }
        case .some(let error):
          throw BrokenPromise("read failed: \(error)")
        }
      }
    }
    try judge(operation, try ask(operation))
  }
}
