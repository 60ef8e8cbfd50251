// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// Each kind of fault by itself, on a store of some size that is well filled:
/// what was noticed, what was mended, and what it cost.
public struct FaultCampaign {
  /// A line of the table.
  public struct Row: Sendable {
    /// Frames that hold something, or places of the tables, that were changed.
    public internal(set) var injected: UInt64 = 0
    /// Of those, what the store counted as wrong.
    public internal(set) var detected: UInt64 = 0
    /// Copies rewritten or moved, entries and words mended, frames without
    /// content put out of use.
    public internal(set) var repaired: UInt64 = 0
    /// Blocks that were answered with an error.
    public var lost: Int { blocks.count }
    /// Of those, the ones of which a copy stood.
    public internal(set) var needless: UInt64 = 0
    /// Blocks that are answered with other bytes than were written.
    public internal(set) var silent: UInt64 = 0
    var blocks: Set<UInt32> = []
  }

  let copies: Int
  let seed: UInt64
  let blocks: UInt32
  /// How many of the blocks hold something.
  let held: UInt32

  /// What copies and a seed mean for a store of so many blocks.
  public init(copies: Int, seed: UInt64, blocks: UInt32 = 8192) {
    self.copies = copies
    self.seed = seed
    self.blocks = blocks
    held = blocks / 8 * 7
  }

  /// Makes a full store, lets the fault happen, lets the scrubber come round,
  /// and reads everything.
  public func run(_ fault: Fault) -> Row {
    guard
      let shape = try? StoreShape(
        blocks: blocks,
        copies: copies,
        slotsPerShelf: blocks / 8 * 9
      )
    else { fatalError("no shape") }
    var row = Row()
    var random = SoakRandom(seed: seed)
    var machine = SoakMachine(shape, seed: SplitMix64.mixed(seed))
    fill(&machine, &random)
    let before = machine.store.counters
    row.injected = inject(fault, &machine, &random, &row)
    // What is wrong is found by nobody but the scrubber.
    scrub(&machine, passes: 2)
    let after = machine.store.counters
    readAll(&machine, &row)
    switch fault {
    case .header:
      // Its counters were damaged with it.
      row.detected = machine.reader.u64(0) == 0 ? 0 : 1
      row.repaired = row.detected
    case .words, .page:
      row.detected = after.metadataRepaired - before.metadataRepaired
      row.repaired = row.detected - min(row.detected, UInt64(row.lost))
    default:
      let broken = after.canariesBroken - before.canariesBroken
      row.detected = after.mismatches - before.mismatches + broken
      row.repaired = after.repaired - before.repaired + broken
    }
    return row
  }

  /// Writes the blocks in an order of their own, some of them twice, and lets
  /// the scrubber give all other frames their canaries.
  private func fill(
    _ machine: inout SoakMachine,
    _ random: inout SoakRandom
  ) {
    for block in 0..<held + blocks / 8 {
      let number = block < held ? block * 5 % held : block / 3
      let write = SoakOperation(
        kind: .write,
        start: number,
        count: 1,
        stamp: UInt64(block) * 16 + 16
      )
      _ = try? machine.ask(write)
      machine.apply(write, count: 1)
    }
    scrub(&machine, passes: 1)
  }

  func scrub(_ machine: inout SoakMachine, passes: Int) {
    var passes = passes
    while passes > 0 || machine.store.isSuspicious {
      if machine.store.scrub() == .passed { passes -= 1 }
      note(&machine)
    }
  }

  /// Judges what the store gives up, as long as the frames are what they were.
  private func note(_ machine: inout SoakMachine) {
    for block in machine.tables.newlyLost() {
      let isNeedless = (try? machine.judgeLoss(of: block)) == nil
      machine.tables.judged(block, isNeedless: isNeedless)
    }
  }

  func readAll(_ machine: inout SoakMachine, _ row: inout Row) {
    for block in 0..<machine.shape.blocks {
      let read = SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
      var answer: StoreError?
      do throws(BrokenPromise) {
        answer = try machine.ask(read)
      } catch { row.silent += 1 }
      note(&machine)
      if answer != nil {
        row.blocks.insert(block)
        let wasJudged = machine.tables.lost.contains(block)
        let isNeedless =
          wasJudged
          ? machine.tables.needless.contains(block)
          : (try? machine.judgeLoss(of: block)) == nil
        if isNeedless { row.needless += 1 }
      } else if !machine.holds(block) {
        row.silent += 1
      }
    }
  }
}
