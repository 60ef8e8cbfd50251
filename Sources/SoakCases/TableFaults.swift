// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// Damage of what lies in ordinary memory: one word of one table, or some of
/// its bytes side by side.
///
/// One fault hits one table. Of a block whose entry is damaged already, no
/// other table is hit before the entry is whole again: what is lost with two
/// of the three, nobody can know (docs/safety.md).
struct TableFaults {
  let reader: RegionReader
  /// Of blocks whose entry is damaged: the slots that it named before.
  private var homes: [UInt32: [UInt32]] = [:]
  /// Blocks whose loss was found out, and judged.
  private(set) var lost: Set<UInt32> = []
  /// Of those, the ones of which a copy stood.
  private(set) var needless: Set<UInt32> = []
  private(set) var injected: UInt64 = 0
  /// Whether the maps or the header were hit.
  private(set) var hitMaps = false

  init(_ reader: RegionReader) { self.reader = reader }

  /// The slots where the block's copies should be.
  func home(of block: UInt32) -> [UInt32] {
    homes[block] ?? reader.slots(block)
  }

  /// Forgets the homes of blocks whose entries are whole again; gives those
  /// that the store has just found to be lost.
  ///
  /// That is to be judged before anything else happens: the frames are then
  /// given to other blocks.
  mutating func newlyLost() -> [UInt32] {
    var found: [UInt32] = []
    for block in homes.keys where reader.isSealed(block) {
      // Sealed with slots that there are none of is one that was lost.
      if reader.isHeld(block), reader.slots(block).isEmpty {
        if lost.insert(block).inserted { found.append(block) }
      } else {
        homes[block] = nil
        lost.remove(block)
      }
    }
    return found
  }

  /// Notes how a loss was judged, for whoever goes on all the same.
  mutating func judged(_ block: UInt32, isNeedless: Bool) {
    if isNeedless { needless.insert(block) } else { needless.remove(block) }
  }

  /// Changes all of the header.
  mutating func overwriteHeader(_ manner: Manner, _ random: inout SoakRandom) {
    hitMaps = true
    change(0..<4096, manner, within: 0..<4096, &random)
  }

  /// Takes over what is known of a region with the same content.
  mutating func adopt(_ other: borrowing TableFaults) {
    homes = other.homes
    lost = other.lost
  }

  /// Keeps in mind where the block's copies are now.
  mutating func rememberHome(of block: UInt32) {
    homes[block] = home(of: block)
  }

  /// Forgets what was damaged, once all is whole.
  mutating func forgetMaps() { hitMaps = false }

  enum Manner: CaseIterable {
    case flipBit, overwrite, zero, copy
  }

  /// Some fault of some table.
  mutating func strike(_ random: inout SoakRandom) {
    let manner = Manner.allCases[random.below(4)]
    if random.below(6) == 0 {
      strikeHeader(manner, &random)
      return
    }
    let table = RegionReader.Table.allCases[random.below(4)]
    let isWide = random.below(8) == 0
    let words = isWide ? 2 + random.below(30) : 1
    let place = reader.bytes(of: table)
    let size = Self.wordSize(table)
    let word = random.below(place.count / size)
    let start = place.lowerBound + word * size
    let end = min(start + words * size, place.upperBound)
    strike(table, start..<end, manner, &random)
  }

  static func wordSize(_ table: RegionReader.Table) -> Int {
    table == .checksums || table == .maps ? 8 : 4
  }

  mutating func strike(
    _ table: RegionReader.Table,
    _ bytes: Range<Int>,
    _ manner: Manner,
    _ random: inout SoakRandom
  ) {
    guard !bytes.isEmpty else { return }
    if table == .maps {
      hitMaps = true
    } else {
      let place = reader.bytes(of: table)
      let size =
        table == .slotWords ? 4 * reader.copies : Self.wordSize(table)
      let first = (bytes.lowerBound - place.lowerBound) / size
      let last = (bytes.upperBound - 1 - place.lowerBound) / size
      let blocks = UInt32(first)...UInt32(last)
      guard blocks.allSatisfy({ reader.isSealed($0) }) else { return }
      for block in blocks { homes[block] = home(of: block) }
    }
    change(bytes, manner, within: reader.bytes(of: table), &random)
  }

  /// Hits a word of the header that the store reads while it runs or when it
  /// goes on.
  ///
  /// These are the ring's two ends, the record of the operation under way, the
  /// shelves' fields, thin blocks, hints. Counters decide nothing.
  private mutating func strikeHeader(
    _ manner: Manner,
    _ random: inout SoakRandom
  ) {
    hitMaps = true
    let places = [192..<208, 208..<256, 256..<320, 320..<328, 512..<768]
    let place = places[random.below(5)]
    let start = place.lowerBound + random.below(place.count / 4) * 4
    change(start..<(start + 4), manner, within: place, &random)
  }

  private mutating func change(
    _ bytes: Range<Int>,
    _ manner: Manner,
    within table: Range<Int>,
    _ random: inout SoakRandom
  ) {
    injected += 1
    let region = reader.region
    switch manner {
    case .flipBit:
      let place = bytes.lowerBound + random.below(bytes.count)
      region[place] ^= 1 << UInt8(random.below(8))
    case .overwrite:
      for place in bytes {
        region[place] = UInt8(truncatingIfNeeded: random.next())
      }
    case .zero:
      for place in bytes { region[place] = 0 }
    case .copy:
      let room = table.count - bytes.count
      let from = table.lowerBound + random.below(room / 4 + 1) * 4
      let source = Array(region[from..<(from + bytes.count)])
      for (place, byte) in zip(bytes, source) { region[place] = byte }
    }
  }
}
