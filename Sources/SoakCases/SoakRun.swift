// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// A case on its way.
struct SoakRun: ~Copyable {
  private var machine: SoakMachine
  private var random: SoakRandom
  private let tableFaultEvery: Int
  private let deathEvery: Int
  private let weather: Weather
  private var isHurt = false
  private var hasDied = false
  private var untilCheck = 0
  var result = SoakCase.Result()

  init(
    _ machine: consuming SoakMachine,
    random: SoakRandom,
    frameFaultEvery: Int,
    tableFaultEvery: Int,
    deathEvery: Int
  ) {
    self.random = random
    self.tableFaultEvery = tableFaultEvery
    self.deathEvery = deathEvery
    weather = Weather(
      FrameFaults(machine.arena),
      random: SoakRandom(seed: random.peek),
      every: frameFaultEvery
    )
    let weather = weather
    let region = machine.arena.region
    let frames = machine.frames
    frames.atMoment = { [unowned frames] slot in
      weather.pass(slot, frames, region)
    }
    self.machine = machine
  }

  mutating func run(_ operations: UInt64) throws(BrokenPromise) {
    defer { collect() }
    for number in 0..<operations {
      try step(number)
      result.operations += 1
    }
    try settle()
  }

  private mutating func step(_ number: UInt64) throws(BrokenPromise) {
    let operation = SoakOperation.random(
      &random,
      blocks: machine.shape.blocks,
      number: number
    )
    if tableFaultEvery > 0, random.below(tableFaultEvery) == 0 {
      machine.tables.strike(&random)
      isHurt = true
    }
    if random.below(400) == 0, weather.every > 0 {
      machine.frames.stuck = [
        UInt32(random.below(Int(machine.shape.slotCount)))
      ]
    }
    if random.below(64) == 0 {
      // Nobody may be kept at it for ever, whatever the ring's ends are.
      var taken = 0
      while machine.store.takeEvent() != nil {
        taken += 1
        guard taken <= 64 else { throw BrokenPromise("endless events") }
      }
    }
    if deathEvery > 0, random.below(deathEvery) == 0 {
      try dieAmid(operation)
    } else {
      try machine.judge(operation, try machine.ask(operation))
    }
    untilCheck -= 1
    guard untilCheck < 0 else { return }
    untilCheck = 16
    if !isHurt { try machine.checkTables(mayNameQuarantined: hasDied) }
  }

  /// Kills the server at some moment of the operation, or after it if that
  /// has so few, and lets another one go on.
  private mutating func dieAmid(
    _ operation: SoakOperation
  ) throws(BrokenPromise) {
    result.deaths += 1
    hasDied = true
    weather.untilDeath = random.below(4) == 0 ? 0 : random.below(24)
    let failure = try machine.ask(operation)
    weather.untilDeath = nil
    guard machine.frames.isDead else {
      // It was answered.
      try machine.judge(operation, failure)
      try machine.takeOver()
      return
    }
    result.deathsAmid += 1
    weather.putRegionBack(machine.arena.region)
    machine.frames.rollBack()
    try machine.takeOver()
    try machine.reissue(operation)
  }

  /// Lets the faults end, the scrubber come round and another server go on;
  /// then everything must be right, but for what was lost.
  private mutating func settle() throws(BrokenPromise) {
    weather.every = 0
    machine.frames.stuck = []
    try scrub()
    for block in 0..<machine.shape.blocks {
      let read = SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
      let failure = try machine.ask(read)
      try machine.judge(read, failure)
      guard failure != nil else { continue }
      let discard = SoakOperation(
        kind: .discard,
        start: block,
        count: 1,
        stamp: 0
      )
      try machine.judge(discard, try machine.ask(discard))
    }
    try scrub()
    try machine.takeOver()
    if isHurt { machine.quarantined = [] }
    machine.tables.forgetMaps()
    try machine.checkTables(mayNameQuarantined: hasDied || isHurt)
    let before = machine.store.counters
    try scrub()
    let after = machine.store.counters
    guard before.mismatches == after.mismatches,
      before.metadataRepaired == after.metadataRepaired,
      before.canariesBroken == after.canariesBroken
    else { throw BrokenPromise("damage was left") }
    for block in 0..<machine.shape.blocks {
      let read = SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
      guard try machine.ask(read) == nil else {
        throw BrokenPromise("block \(block): lost in peace")
      }
      try machine.judge(read, nil)
    }
  }

  /// Two passes: in the second, what the first has moved is looked at too.
  private mutating func scrub() throws(BrokenPromise) {
    var passes = 0
    for _ in 0..<100_000 {
      if machine.store.scrub() == .passed { passes += 1 }
      try machine.judgeLosses()
      if passes == 2 { return }
    }
    throw BrokenPromise("the scrubber does not come round")
  }

  private mutating func collect() {
    result.frameFaults = weather.faults.injected
    result.tableFaults = machine.tables.injected
    result.refusedReads = machine.refusedReads
    let counters = machine.store.counters
    result.repaired = counters.repaired
    result.relocated = counters.relocated
    result.metadataRepaired = counters.metadataRepaired
  }
}

/// What happens at the moments that the frames have: faults, and the death
/// of the process.
final class Weather {
  var faults: FrameFaults
  var random: SoakRandom
  var every: Int
  /// Moments until the process dies.
  var untilDeath: Int?
  private var region: [UInt8] = []

  init(_ faults: FrameFaults, random: SoakRandom, every: Int) {
    self.faults = faults
    self.random = random
    self.every = every
  }

  func pass(
    _ slot: UInt32,
    _ frames: SoakFrames,
    _ region: UnsafeMutableRawBufferPointer
  ) {
    if every > 0, random.below(every) == 0 {
      faults.strike(near: slot, &random)
    }
    guard let left = untilDeath else { return }
    untilDeath = left - 1
    guard left == 0 else { return }
    self.region = Array(region)
    frames.isDead = true
  }

  func putRegionBack(_ region: UnsafeMutableRawBufferPointer) {
    region.copyBytes(from: self.region)
  }
}
