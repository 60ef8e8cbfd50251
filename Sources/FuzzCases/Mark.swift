// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import SyntheticVMCore
internal import VMCore

/// A frame whose struct page was made to say that somebody may use it: it
/// must not be lent, whatever else was damaged.
///
/// Nor may one that somebody uses in the sound machine, where what is said of
/// it was not damaged.
struct Mark: Sendable {
  /// What the struct page says.
  enum Kind: Sendable {
    case flag(FlagLayout.Flag)
    /// References, as pins of small pages are.
    case references
    /// The counter that large folios have.
    case pins
  }

  let frame: FrameNumber
  let kind: Kind

  private static let flags: [FlagLayout.Flag] = [
    .locked, .writeback, .waiters, .unevictable, .mlocked, .hardwarePoison,
  ]

  /// Marks between one and four frames; `sound` is the machine before it was
  /// damaged.
  static func mark(
    _ vmcore: inout SyntheticVMCore,
    _ machine: FuzzMachine,
    _ random: inout SeededGenerator
  ) -> [Mark] {
    var marks: [Mark] = []
    for _ in 0...random.below(4) {
      let mark =
        random.below(4) == 0
        ? pin(&vmcore, machine, &random) : page(&vmcore, machine, &random)
      if let mark { marks.append(mark) }
    }
    return marks
  }

  /// Marks any page; of a tail, whose flags mean nothing but that it is
  /// poisoned, the head speaks, and no references are its own.
  private static func page(
    _ vmcore: inout SyntheticVMCore,
    _ machine: FuzzMachine,
    _ random: inout SeededGenerator
  ) -> Mark? {
    let blocks = vmcore.freeBlocks
    let frame: FrameNumber
    if random.below(3) == 0 {
      let block = blocks[random.below(blocks.count)].frames
      frame = FrameNumber(block.start.value + random.next() % block.count)
    } else {
      frame = FrameNumber(0x3000 + random.next() % 0x1000)
    }
    let page = vmcore.pageAddress(of: frame)
    guard vmcore.physical(page) != nil,
      let link = vmcore.load64(VirtualAddress(page.value + 8))
    else { return nil }
    let isTail = link & 1 != 0
    if random.below(3) == 0 {
      let counts = VirtualAddress(page.value + 48)
      let word = vmcore.load64(counts) ?? 0
      // Of what damage left there, so much that no sum is 0 again.
      let references = word >> 32 & 0xffff + (isTail ? 1 : 1024)
      vmcore.store64(word & 0xffff_ffff | references << 32, at: counts)
      return Mark(frame: frame, kind: .references)
    }
    let flag = isTail ? .hardwarePoison : flags[random.below(flags.count)]
    let word = vmcore.load64(page) ?? 0
    vmcore.store64(word | machine.layout[flag], at: page)
    return Mark(frame: frame, kind: .flag(flag))
  }

  /// Pins a large folio whose first struct pages nobody damaged.
  private static func pin(
    _ vmcore: inout SyntheticVMCore,
    _ machine: FuzzMachine,
    _ random: inout SeededGenerator
  ) -> Mark? {
    guard let offset = machine.layout[.pins] else { return nil }
    let frame = FrameNumber(
      machine.folios[random.below(machine.folios.count)]
    )
    guard machine.isSame(frame.value, 4, in: vmcore) else { return nil }
    let page = vmcore.pageAddress(of: frame)
    let place = VirtualAddress(page.value + UInt64(offset) & ~7)
    let shift: UInt64 = offset & 4 == 0 ? 0 : 32
    let word = vmcore.load64(place) ?? 0
    let pins = UInt64(1 + random.below(2000))
    vmcore.store64(
      word & ~(0xffff_ffff << shift) | pins << shift,
      at: place
    )
    return Mark(frame: frame, kind: .pins)
  }

  /// Throws where a run has a marked frame.
  static func check(
    _ marks: [Mark],
    _ runs: [FrameRange]
  ) throws(BrokenPromise) {
    for mark in marks {
      for run in runs where run.contains(mark.frame) {
        throw BrokenPromise(
          "frame \(mark.frame.value) is lent in spite of \(mark.kind)"
        )
      }
    }
  }
}
