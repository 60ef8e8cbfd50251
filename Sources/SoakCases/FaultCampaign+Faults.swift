// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// The kinds of faults, and how they are done.
extension FaultCampaign {
  /// What happens to the store.
  public enum Fault: Sendable {
    /// One bit in each of so many frames, anywhere.
    case bitFlips(Int)
    /// All of so many frames, anywhere.
    case frames(Int)
    /// So many frames side by side.
    case run(Int)
    /// Every frame of the first shelf.
    case shelf
    /// Frames of the first so many shelves, one for so many operations of a
    /// load that reads and writes.
    case steady(shelves: Int, every: Int)
    /// An earlier content of blocks, put back into all their copies or one.
    case stale(Int, allCopies: Bool)
    /// Frames of two blocks in each other's place, in all copies or one.
    case swapped(Int, allCopies: Bool)
    /// So many words of a table, of different blocks or slots.
    case words(Table, Int, Manner)
    /// A page of a table, from its start.
    case page(Table, Manner)
    /// The header, and the death of the server.
    case header(Manner)
  }

  /// The tables.
  public enum Table: Sendable, CaseIterable {
    case checksums, slotWords, seals, maps

    var place: RegionReader.Table {
      switch self {
      case .checksums: .checksums
      case .slotWords: .slotWords
      case .seals: .seals
      case .maps: .maps
      }
    }
  }

  /// What becomes of the bytes.
  public enum Manner: Sendable, CaseIterable {
    case flipBit, overwrite, zero

    var manner: TableFaults.Manner {
      switch self {
      case .flipBit: .flipBit
      case .overwrite: .overwrite
      case .zero: .zero
      }
    }
  }

  /// Does it, and says how many frames or places that is.
  func inject(
    _ fault: Fault,
    _ machine: inout SoakMachine,
    _ random: inout SoakRandom,
    _ row: inout Row
  ) -> UInt64 {
    var faults = FrameFaults(machine.arena)
    let before = Array(machine.arena.region)
    switch fault {
    case .bitFlips(let count):
      for slot in slots(count, machine, &random) {
        faults.flipBit(slot, &random)
      }
    case .frames(let count):
      for slot in slots(count, machine, &random) {
        faults.overwrite(slot, bytes: Frame.size, &random)
      }
    case .run(let count):
      let first = random.below(Int(machine.shape.slotsPerShelf) - count)
      for slot in first..<(first + count)
      where machine.reader.state(UInt32(slot)) != .free {
        faults.overwrite(UInt32(slot), bytes: Frame.size, &random)
      }
    case .shelf:
      for slot in 0..<machine.shape.slotsPerShelf
      where machine.reader.state(slot) != .free {
        faults.overwrite(slot, bytes: Frame.size, &random)
      }
    case .steady(let shelves, let every):
      return load(shelves, every, &machine, &random, &row)
    case .stale(let count, let allCopies):
      putBack(count, allCopies, &machine, &faults)
    case .swapped(let count, let allCopies):
      for block in 0..<UInt32(count) {
        let (one, other) = (
          machine.reader.slots(block * 2), machine.reader.slots(block * 2 + 1)
        )
        for copy in 0..<(allCopies ? copies : 1) {
          faults.swap(one[copy], other[copy])
        }
      }
    case .words(let table, let count, let manner):
      words(table, count, manner, &machine, &random)
      return damaged(table, machine, before: before)
    case .page(let table, let manner):
      let place = machine.reader.bytes(of: table.place)
      let end = min(place.upperBound, place.lowerBound + Frame.size)
      machine.tables.strike(
        table.place,
        place.lowerBound..<end,
        manner.manner,
        &random
      )
      return damaged(table, machine, before: before)
    case .header(let manner):
      machine.tables.overwriteHeader(manner.manner, &random)
      do throws(BrokenPromise) {
        try machine.takeOver()
      } catch { row.needless += UInt64(held) }
      return 1
    }
    return faults.injected
  }

  /// So many different slots that hold something.
  private func slots(
    _ count: Int,
    _ machine: borrowing SoakMachine,
    _ random: inout SoakRandom
  ) -> Set<UInt32> {
    var chosen: Set<UInt32> = []
    while chosen.count < count {
      let slot = UInt32(random.below(Int(machine.shape.slotCount)))
      if machine.reader.state(slot) != .free { chosen.insert(slot) }
    }
    return chosen
  }

  /// Words of different blocks, or of different places in the maps.
  private func words(
    _ table: Table,
    _ count: Int,
    _ manner: Manner,
    _ machine: inout SoakMachine,
    _ random: inout SoakRandom
  ) {
    let place = machine.reader.bytes(of: table.place)
    let size = TableFaults.wordSize(table.place)
    let words = place.count / size
    var chosen: Set<Int> = []
    while machine.tables.injected < UInt64(min(count, words / 2)) {
      let word = random.below(words)
      guard chosen.insert(word).inserted else { continue }
      let start = place.lowerBound + word * size
      let bytes = start..<(start + size)
      // What is zero already is not damaged by zeroes.
      if manner == .zero, machine.reader.isZero(bytes) { continue }
      machine.tables.strike(table.place, bytes, manner.manner, &random)
    }
  }

  /// How many entries are damaged, or how many words of the maps.
  private func damaged(
    _ table: Table,
    _ machine: borrowing SoakMachine,
    before: [UInt8]
  ) -> UInt64 {
    guard case .maps = table else {
      let blocks = 0..<machine.shape.blocks
      let reader = machine.reader
      return UInt64(blocks.count { !reader.isSealed($0) })
    }
    let region = machine.arena.region
    let place = machine.reader.bytes(of: .maps)
    let words = stride(from: place.lowerBound, to: place.upperBound, by: 8)
    let changed = words.filter { word in
      (word..<(word + 8)).contains { region[$0] != before[$0] }
    }
    return UInt64(changed.count)
  }

  private func putBack(
    _ count: Int,
    _ allCopies: Bool,
    _ machine: inout SoakMachine,
    _ faults: inout FrameFaults
  ) {
    for block in 0..<UInt32(count) {
      let slots = machine.reader.slots(block)
      let old = slots.map { faults.bytes(of: $0) }
      let write = SoakOperation(
        kind: .write,
        start: block,
        count: 1,
        stamp: 1 << 40 + UInt64(block) * 16
      )
      _ = try? machine.ask(write)
      machine.apply(write, count: 1)
      for copy in 0..<(allCopies ? copies : 1) {
        faults.put(old[copy], into: slots[copy])
      }
    }
  }

  /// Reads, writes and scrubbing, while frames are overwritten.
  private func load(
    _ shelves: Int,
    _ every: Int,
    _ machine: inout SoakMachine,
    _ random: inout SoakRandom,
    _ row: inout Row
  ) -> UInt64 {
    var faults = FrameFaults(machine.arena)
    let slots = Int(machine.shape.slotsPerShelf) * min(shelves, copies)
    var injected: UInt64 = 0
    for number in 0..<UInt64(200_000) {
      if random.below(every) == 0 {
        let slot = UInt32(random.below(slots))
        let holds = machine.reader.state(slot) == .used
        let isMarked = machine.arena.marks[Int(slot)] != 0
        faults.overwrite(slot, bytes: Frame.size, &random)
        if holds, !isMarked { injected += 1 }
      }
      var operation = SoakOperation.random(
        &random,
        blocks: held,
        number: number + 1 << 32
      )
      if random.below(8) == 0 {
        operation = SoakOperation(kind: .scrub, start: 0, count: 8, stamp: 0)
      }
      do throws(BrokenPromise) {
        let answer = try machine.ask(operation)
        if operation.kind == .read, case .damaged(let block) = answer {
          row.blocks.insert(block.value)
        }
        try machine.judge(operation, answer)
      } catch {
        if error.text.contains("lost") {
          row.needless += 1
        } else {
          row.silent += 1
        }
      }
    }
    return injected
  }
}
