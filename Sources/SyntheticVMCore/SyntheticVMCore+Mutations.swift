// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Random damage, of the kinds that a crash or a bad copy leaves.
extension SyntheticVMCore {
  /// What is damaged.
  public enum Damage: Sendable {
    /// Anything: headers, VMCOREINFO, tables, symbols and types, lists,
    /// struct pages.
    case anything
    /// Struct pages, and with them the links of free lists; the way to them
    /// is sound.
    case structPages
  }

  /// Does between one and eight random things to the vmcore.
  ///
  /// Of those to anything, half hit what readers steer by (headers,
  /// VMCOREINFO, tables, list heads), half the struct pages; values are those
  /// that break arithmetic, or belong somewhere else.
  public mutating func mutate(
    using random: inout SeededGenerator,
    _ damage: Damage = .anything
  ) {
    for _ in 0...random.below(8) {
      switch damage {
      case .structPages: damageMemoryMap(&random)
      case .anything: damageAnything(&random)
      }
    }
  }

  private mutating func damageAnything(_ random: inout SeededGenerator) {
    switch random.below(12) {
    case 0: damageHeader(&random)
    case 1, 2: damageInfo(&random)
    case 3, 4, 5: damageTables(&random)
    case 6: relink(&random)
    case 7 where random.below(8) == 0:
      truncate(to: random.next() % (limit + 1))
    case 8: damageSymbols(&random)
    default: damageMemoryMap(&random)
    }
  }

  private mutating func damageHeader(_ random: inout SeededGenerator) {
    let segments = 64 + 56 * (header.loads.count + 1)
    let place = random.below(segments)
    if random.below(2) == 0 {
      headerBytes[place] = UInt8(truncatingIfNeeded: random.next())
    } else {
      let value = number(&random)
      overwrite(at: UInt64(place & ~7), with: littleEndian(value))
    }
  }

  /// Changes a character of VMCOREINFO, a value, or a line's end.
  private mutating func damageInfo(_ random: inout SeededGenerator) {
    // The note's text is the last thing in the head but for padding.
    let start = headerBytes.count - infoRoom
    let place = start + random.below(vmcoreinfo.count)
    switch random.below(3) {
    case 0:
      headerBytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1:
      headerBytes[place] =
        [0x0a, 0x3d, 0x2d, 0x30, 0x39, 0x66][
          random.below(6)
        ]
    default:
      // A digit of a value changes, so that the line stays well formed.
      let value = headerBytes[place...].firstIndex(of: 0x3d) ?? place
      let digit = min(value + 1 + random.below(6), headerBytes.count - 1)
      if headerBytes[digit] > 0x2f {
        headerBytes[digit] = 0x30 + UInt8(random.below(10))
      }
    }
  }

  private var infoRoom: Int {
    let padded = (vmcoreinfo.count + 3) & ~3
    // Notes begin on a frame of their own: 12 + 8 + 336, then 12 + 12.
    let notes = 356 + 24 + padded
    return (notes + 4095) / 4096 * 4096 - 356 - 24
  }

  private mutating func damageTables(_ random: inout SeededGenerator) {
    guard !builder.tableFrames.isEmpty else { return }
    let frame = builder.tableFrames[random.below(builder.tableFrames.count)]
    let start = frame << Frame.shift
    // Most of a table is empty, so look for an entry that is not.
    var place = start + UInt64(random.below(512) * 8)
    for _ in 0..<512 where memory.load64(at: place) == 0 {
      place = start + (place + 8) % 4096
    }
    damage(place, &random)
  }

  /// Changes a byte of kallsyms or of BTF, if the image has them.
  private mutating func damageSymbols(_ random: inout SeededGenerator) {
    typealias Image = MachineBuilder.Image
    let table = UInt64(random.below(8))
    let start =
      table < 6
      ? Image.kallsyms + table * Image.kallsymsRoom
      : Image.types + UInt64(random.below(2)) * 0x400
    let place = machine.textPhysical + start + UInt64(random.below(0x400))
    guard memory.load64(at: place & ~7) != 0 else { return }
    memory.store([UInt8(truncatingIfNeeded: random.next())], at: place)
  }

  private mutating func damageMemoryMap(_ random: inout SeededGenerator) {
    let frame = interestingFrame(&random)
    guard let page = builder.pagePlace(frame) else { return }
    switch random.below(8) {
    case 0:
      // What another page is, this one is now.
      let other = interestingFrame(&random)
      guard let from = builder.pagePlace(other) else { return }
      for word in stride(from: 0, to: 64, by: 8) as StrideTo<UInt64> {
        memory.store64(memory.load64(at: from + word), at: page + word)
      }
    case 1:
      // Only a part of it.
      let other = interestingFrame(&random)
      guard let from = builder.pagePlace(other) else { return }
      let word = UInt64(random.below(8) * 8)
      memory.store64(memory.load64(at: from + word), at: page + word)
    default:
      damage(page + UInt64(random.below(8) * 8), &random)
    }
  }

  /// A frame near one with something to see: a free block's first ones, the
  /// first and the last ones of what the description says; or any.
  private func interestingFrame(
    _ random: inout SeededGenerator
  ) -> UInt64 {
    let contents = builder.machine.contents
    let kind = random.below(4)
    if kind == 0, !freeBlocks.isEmpty {
      return freeBlocks[random.below(freeBlocks.count)].frames.start.value
        + UInt64(random.below(3))
    }
    guard kind < 3, !contents.isEmpty else {
      return random.next() % builder.machine.frameCount
    }
    let frames = contents[random.below(contents.count)].frames
    switch random.below(4) {
    case 0: return frames.end.value - 1
    case 1: return frames.start.value + random.next() % frames.count
    default: return frames.start.value + UInt64(random.below(5))
    }
  }

  /// Lets a list go on at the wrong place: another block, another list, the
  /// middle of a block.
  private mutating func relink(_ random: inout SeededGenerator) {
    guard !freeBlocks.isEmpty else { return }
    let from = freeBlocks[random.below(freeBlocks.count)]
    let to = freeBlocks[random.below(freeBlocks.count)]
    let target =
      switch random.below(3) {
      case 0: link(of: to.frames.start)
      case 1: freeList(of: to)
      default: link(of: FrameNumber(to.frames.start.value + 1))
      }
    let place =
      random.below(2) == 0 ? link(of: from.frames.start) : freeList(of: from)
    store64(target.value, at: place)
  }

  private mutating func damage(
    _ place: UInt64,
    _ random: inout SeededGenerator
  ) {
    let old = memory.load64(at: place)
    let value =
      switch random.below(4) {
      case 0: old ^ 1 << UInt64(random.below(64))
      case 1: old &+ 8 &* UInt64(random.below(16))
      default: number(&random)
      }
    memory.store64(value, at: place)
  }

  private func number(_ random: inout SeededGenerator) -> UInt64 {
    switch random.below(8) {
    case 0: 0
    case 1: .max
    case 2: 1 << UInt64(random.below(64))
    case 3: .max - UInt64(random.below(4096))
    case 4: UInt64(random.below(4096))
    case 5: builder.pageAddress(FrameNumber(random.next() >> 30))
    case 6: builder.direct(random.next() >> 24)
    default: random.next()
    }
  }
}
