// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Linux
import Memory
import Testing

/// A server that is killed at any instruction, by SIGKILL, and another process
/// that goes on with what it left in shared memory.
///
/// The ledger says of each block which version was begun and which one was
/// acknowledged. Whoever takes over must find the one or the other, and the
/// acknowledged one where nothing was under way; then what was under way is
/// done again, as the kernel does it, and must be found.
@Suite(.serialized) struct KilledServerTests {
  static let blocks = 96
  static let slots: UInt32 = 104

  @Test(arguments: [1, 2, 3]) func noAcknowledgedWriteIsLost(
    copies: Int
  ) throws {
    let bench = try Bench(copies: copies)
    try bench.format()
    var random = Random(state: UInt64(copies) &* 0x9e37_79b9_7f4a_7c15)
    var interrupted = 0
    var round = 0
    // A run in which hardly anything was done, or never anything under way,
    // would show nothing; how long that takes is the machine's affair.
    while round < 150
      || round < 20_000
        && (interrupted == 0 || bench.ledger.acknowledgements <= 10_000)
    {
      round += 1
      guard let server = try Process.fork() else {
        bench.serve(Random(state: UInt64(round) &* 0xbf58_476d_1ce4_e5b9))
        Process.exit(1)
      }
      // The pauses are shorter and longer than a store takes to be set up.
      let pause = random.next() % 8
      if pause > 0 { Clock.sleep(milliseconds: UInt32(pause)) }
      server.kill()
      #expect(try server.end(block: true) == .killed(9))
      interrupted += try bench.verify(copies: copies)
    }
    #expect(interrupted > 0)
    let acknowledged = bench.ledger.acknowledgements
    #expect(acknowledged > 10_000)
  }
}

/// xorshift: what a child can use without a lock.
private struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

/// What was begun and what was acknowledged, a pair of versions for each
/// block, in memory that all share.
///
/// Version 0 is a block of zeroes, and so is
/// every one that divides by 5.
private struct Ledger: ~Copyable {
  let page: Mapping

  init() throws(Errno) {
    page = try .anonymous(byteCount: 4096, shared: true)
  }

  subscript(block: Int, field: Int) -> UInt64 {
    get {
      page.base.load(fromByteOffset: (block * 2 + field) * 8, as: UInt64.self)
    }
    nonmutating set {
      page.base.storeBytes(
        of: newValue,
        toByteOffset: (block * 2 + field) * 8,
        as: UInt64.self
      )
    }
  }

  var acknowledgements: UInt64 {
    var sum: UInt64 = 0
    for block in 0..<KilledServerTests.blocks { sum += self[block, 1] }
    return sum
  }
}

private struct Bench: ~Copyable {
  typealias Store = BlockStore<FrameWindow>

  let shape: StoreShape
  let frames: PooledFrames
  let tables: Mapping
  let ledger: Ledger
  let quarantined: UInt32 = 5

  init(copies: Int) throws {
    let shape = try StoreShape(
      blocks: UInt32(KilledServerTests.blocks),
      copies: copies,
      slotsPerShelf: KilledServerTests.slots
    )
    let frames = try PooledFrames.anonymous(slotCount: shape.slotCount)
    let tables = try Mapping.anonymous(
      byteCount: shape.tableByteCount,
      shared: true
    )
    ledger = try Ledger()
    self.shape = shape
    self.frames = frames
    self.tables = tables
  }

  func format() throws {
    var store = try Store(
      formatting: region,
      shape: shape,
      seed: 42,
      frames: frames.window
    )
    let isOut = store.quarantine(quarantined)
    #expect(isOut)
  }

  var region: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: tables.base,
      count: tables.byteCount
    )
  }

  func recovered() throws(StoreError) -> Store {
    try Store(
      continuing: region,
      shape: shape,
      seed: 42,
      frames: frames.window
    )
  }

  /// The words of a version: no two have one in common.
  func fill(_ bytes: inout [UInt64], _ block: Int, _ version: UInt64) {
    let isZero = version % 5 == 0
    for index in bytes.indices {
      bytes[index] =
        isZero
        ? 0 : version << 24 | UInt64(block) << 12 | UInt64(index) | 1 << 60
    }
  }

  func write(
    _ block: Int,
    _ version: UInt64,
    _ store: inout Store,
    _ words: inout [UInt64]
  ) throws(StoreError) {
    fill(&words, block, version)
    let number = BlockNumber(UInt32(block))
    switch version % 10 {
    case 0: try store.discard(number)
    case 5: try store.writeZeroes(number)
    default: try store.write(number, from: words.span.bytes)
    }
  }

  /// The server's life: it ends by being killed.
  func serve(_ seed: Random) {
    var random = seed
    var words = [UInt64](repeating: 0, count: 512)
    do throws(StoreError) {
      var store = try recovered()
      while true {
        let block = Int(random.next() % UInt64(KilledServerTests.blocks))
        let version = ledger[block, 0] + 1
        ledger[block, 0] = version
        try write(block, version, &store, &words)
        ledger[block, 1] = version
      }
    } catch {}
  }

  /// Looks at every block; says how many had something under way.
  func verify(copies: Int) throws -> Int {
    var store = try recovered()
    var words = [UInt64](repeating: 0, count: 512)
    var expected = words
    var underWay = 0
    for block in 0..<KilledServerTests.blocks {
      let (begun, acknowledged) = (ledger[block, 0], ledger[block, 1])
      if begun != acknowledged {
        underWay += 1
        // Torn, old or new; with one copy it may be damaged until then.
        if copies > 1 {
          try read(block, &store, &words)
          fill(&expected, block, begun)
          let isNew = words == expected
          fill(&expected, block, acknowledged)
          #expect(isNew || words == expected, "block \(block)")
        }
        try write(block, begun, &store, &words)
        ledger[block, 1] = begun
      }
      try read(block, &store, &words)
      fill(&expected, block, begun)
      #expect(words == expected, "block \(block), version \(begun)")
    }
    #expect(underWay <= 1)
    expectExactMaps(store)
    return underWay
  }

  /// No slot is lost, and none that was out of use comes back.
  func expectExactMaps(_ store: borrowing Store) {
    var held: UInt64 = 0
    for block in 0..<KilledServerTests.blocks
    where ledger[block, 0] % 5 != 0 { held += UInt64(shape.copies) }
    let counters = store.counters
    #expect(counters.slotsUsed == held)
    #expect(counters.quarantined == 1)
  }

  func read(
    _ block: Int,
    _ store: inout Store,
    _ words: inout [UInt64]
  ) throws {
    var span = words.mutableSpan
    var bytes = span.mutableBytes
    try store.read(BlockNumber(UInt32(block)), into: &bytes)
  }
}
