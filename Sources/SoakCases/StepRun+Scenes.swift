// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// How the scenes begin, and what is then asked.
extension StepRun {
  private static let target: UInt32 = 1

  static func operation(of scene: Scene) -> SoakOperation {
    let block: UInt32 = target
    switch scene {
    case .firstWrite:
      return SoakOperation(kind: .write, start: 3, count: 1, stamp: 99)
    case .overwrite, .overwriteSuspect, .takeOver:
      return SoakOperation(kind: .write, start: block, count: 1, stamp: 99)
    case .discard:
      return SoakOperation(kind: .discard, start: block, count: 1, stamp: 0)
    case .writeZeroes:
      return SoakOperation(kind: .writeZeroes, start: 0, count: 3, stamp: 0)
    case .repair, .relocate, .lose, .mendChecksum, .mendSlotWords:
      return SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
    case .watch, .putOutOfUse:
      // Past the three blocks that are held, to the first free frame.
      return SoakOperation(kind: .scrub, start: 0, count: 4, stamp: 0)
    }
  }

  static func prepare(
    _ machine: inout SoakMachine,
    _ scene: Scene
  ) throws(BrokenPromise) {
    let write = SoakOperation(kind: .write, start: 0, count: 3, stamp: 16)
    try machine.judge(write, try machine.ask(write))
    var faults = FrameFaults(machine.arena)
    var random = SoakRandom(seed: 7)
    let slots = machine.reader.slots(target)
    switch scene {
    case .firstWrite, .overwrite, .discard, .writeZeroes, .watch: break
    case .repair: faults.flipBit(slots[0], &random)
    case .overwriteSuspect, .relocate:
      faults.flipBit(slots[0], &random)
      let read = SoakOperation(kind: .read, start: target, count: 1, stamp: 0)
      machine.tables.rememberHome(of: target)
      try machine.judge(read, try machine.ask(read))
      if scene == .relocate { faults.flipBit(slots[0], &random) }
    case .lose: for slot in slots { faults.zero(slot) }
    case .mendChecksum:
      let first = machine.reader.bytes(of: .checksums).lowerBound
      let place = first + 8 * Int(target)
      machine.tables.strike(.checksums, place..<(place + 8), .zero, &random)
    case .mendSlotWords:
      let size = 4 * machine.shape.copies
      let first = machine.reader.bytes(of: .slotWords).lowerBound
      let place = first + size * Int(target)
      machine.tables.strike(.slotWords, place..<(place + size), .zero, &random)
    case .putOutOfUse:
      while machine.store.scrub() != .passed {}
      for slot in 0..<machine.shape.slotCount
      where machine.reader.state(slot) == .watched { faults.zero(slot) }
    case .takeOver: try leave(&machine)
    }
    for block in 0..<machine.shape.blocks
    where machine.reader.isSealed(block) {
      machine.tables.rememberHome(of: block)
    }
  }

  /// Leaves an overwrite when the first copy is written.
  private static func leave(
    _ machine: inout SoakMachine
  ) throws(BrokenPromise) {
    let faults = FrameFaults(machine.arena)
    let weather = Weather(faults, random: SoakRandom(seed: 1), every: 0)
    let (frames, region) = (machine.frames, machine.arena.region)
    weather.untilDeath = 2
    frames.atMoment = { [unowned frames] slot in
      weather.pass(slot, frames, region)
    }
    _ = try machine.ask(operation(of: .overwrite))
    frames.atMoment = nil
    weather.putRegionBack(region)
    frames.rollBack()
  }
}
