// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import CSoak
internal import Glibc
internal import Memory

/// A process that serves a store in shared memory, killed again and again by
/// SIGKILL wherever it happens to be, and others that go on.
public struct KillRun {
  /// What the killing came to.
  public struct Result: Sendable {
    /// The promise that was broken, if one was.
    public internal(set) var broken: String?
    /// Processes that were killed.
    public internal(set) var deaths: UInt64 = 0
    /// Of those, the ones that were amid an operation.
    public internal(set) var deathsAmid: UInt64 = 0
    /// Operations that were answered and judged.
    public internal(set) var operations: UInt64 = 0
    /// Frames that something else wrote to.
    public internal(set) var refusedReads: UInt64 = 0
  }

  private let seed: UInt64

  /// What a seed means; the moments of the deaths are the machine's.
  public init(seed: UInt64) { self.seed = seed }

  /// Kills so many processes, one after another.
  public func run(deaths: UInt64, copies: Int) -> Result {
    var result = Result()
    guard
      let shape = try? StoreShape(
        blocks: 48,
        copies: copies,
        slotsPerShelf: 64
      )
    else { fatalError("no shape") }
    var machine = SoakMachine(shape, seed: SplitMix64.mixed(seed))
    var random = SoakRandom(seed: seed)
    do throws(BrokenPromise) {
      for _ in 0..<deaths {
        try live(&machine, &random)
        result.deaths += 1
        let state = machine.arena.progress.pointee.state
        if state != Progress.State.idle.rawValue { result.deathsAmid += 1 }
        try goOn(&machine)
      }
    } catch {
      result.broken = error.text
    }
    result.operations = machine.arena.progress.pointee.done
    result.refusedReads = machine.refusedReads
    return result
  }

  /// Lets a child serve until it is killed.
  private func live(
    _ machine: inout SoakMachine,
    _ random: inout SoakRandom
  ) throws(BrokenPromise) {
    let faults = SoakRandom(seed: random.next())
    let child = soak_fork()
    guard child >= 0 else { throw BrokenPromise("cannot fork") }
    if child == 0 { soak_exit(serve(&machine, faults)) }
    usleep(UInt32(random.below(3000)))
    let status = soak_kill(child)
    guard status != 256 + SIGKILL else { return }
    let line = machine.arena.progress.pointee.brokenAt
    throw BrokenPromise("child ended with \(status), line \(line)")
  }

  private func serve(
    _ machine: inout SoakMachine,
    _ faults: SoakRandom
  ) -> Int32 {
    let arena = machine.arena
    let weather = Weather(FrameFaults(arena), random: faults, every: 300)
    let (frames, region) = (machine.frames, arena.region)
    frames.atMoment = { [unowned frames] slot in
      weather.pass(slot, frames, region)
    }
    while true {
      let number = arena.progress.pointee.done
      var random = SoakRandom(seed: seed &+ number)
      let operation = SoakOperation.random(
        &random,
        blocks: arena.shape.blocks,
        number: number
      )
      do throws(BrokenPromise) {
        arena.progress.pointee.operation = operation
        arena.say(.asked)
        let failure = try machine.ask(operation)
        arena.progress.pointee.count =
          switch failure {
          case .full(let block): block.value - operation.start
          default: operation.count
          }
        arena.say(.answered)
        try machine.judge(operation, failure)
        arena.progress.pointee.done += 1
        arena.say(.idle)
      } catch {
        arena.progress.pointee.brokenAt = error.line
        return 1
      }
    }
  }

  /// What the kernel does after a death: another server takes over, and what
  /// had no answer is asked again.
  private func goOn(
    _ machine: inout SoakMachine
  ) throws(BrokenPromise) {
    let progress = machine.arena.progress
    machine.frames.atMoment = nil
    try machine.takeOver()
    let operation = progress.pointee.operation
    switch Progress.State(rawValue: progress.pointee.state) {
    case .asked:
      try machine.reissue(operation)
      progress.pointee.done += 1
    case .answered:
      if operation.kind.changesBlocks {
        machine.apply(operation, count: progress.pointee.count)
      }
      progress.pointee.done += 1
    default: break
    }
    machine.arena.say(.idle)
    try machine.checkTables(mayNameQuarantined: true)
    for block in 0..<machine.shape.blocks {
      let read = SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
      try machine.judge(read, try machine.ask(read))
    }
  }
}
