// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import CSoak
internal import Glibc
internal import Memory

/// One operation, run instruction by instruction, and a death at each moment
/// at which the shared memory has changed.
///
/// A process that is killed leaves what it had stored until then, so these
/// are all the moments that there are.
public struct StepRun {
  /// What one operation came to.
  public struct Result: Sendable {
    /// The promise that was broken, if one was.
    public internal(set) var broken: String?
    /// Instructions that the operation took.
    public internal(set) var instructions = 0
    /// Moments at which the process could have been killed with a result of
    /// their own; another one went on from each.
    public internal(set) var moments = 0
  }

  /// What happens before, and the operation that is watched.
  public enum Scene: CaseIterable, Sendable {
    /// A block gets its first content.
    case firstWrite
    /// A block gets other content.
    case overwrite
    /// The same, with a frame that has failed before.
    case overwriteSuspect
    /// A block is forgotten.
    case discard
    /// Three blocks are made zero.
    case writeZeroes
    /// A read finds a bad copy and rewrites it.
    case repair
    /// A read finds a copy bad again and moves it.
    case relocate
    /// A read finds no good copy.
    case lose
    /// A read finds the checksum damaged.
    case mendChecksum
    /// A read finds all slot words damaged.
    case mendSlotWords
    /// The scrubber gives a free frame its canary.
    case watch
    /// The scrubber finds a canary broken.
    case putOutOfUse
    /// Another server goes on amid an overwrite.
    case takeOver
  }

  /// Runs the scene with so many copies.
  public static func run(_ scene: Scene, copies: Int) -> Result {
    var result = Result()
    guard
      let shape = try? StoreShape(blocks: 4, copies: copies, slotsPerShelf: 6)
    else { fatalError("no shape") }
    var machine = SoakMachine(shape, seed: 0x5eed)
    var aftermath = SoakMachine(shape, seed: 0x5eed)
    do throws(BrokenPromise) {
      try prepare(&machine, scene)
      let operation = operation(of: scene)
      let child = soak_fork()
      guard child >= 0 else { throw BrokenPromise("cannot fork") }
      if child == 0 { soak_exit(act(&machine, scene, operation)) }
      defer { _ = soak_kill(child) }
      try watch(child, machine, &aftermath, operation, &result)
    } catch {
      result.broken = error.text
    }
    return result
  }

  private static func act(
    _ machine: inout SoakMachine,
    _ scene: Scene,
    _ operation: SoakOperation
  ) -> Int32 {
    guard soak_trace_me() == 0 else { return 2 }
    do throws(BrokenPromise) {
      if scene == .takeOver {
        try machine.takeOver()
      } else {
        _ = try machine.ask(operation)
      }
    } catch { return 1 }
    return 0
  }

  private static func watch(
    _ child: Int32,
    _ machine: borrowing SoakMachine,
    _ aftermath: inout SoakMachine,
    _ operation: SoakOperation,
    _ result: inout Result
  ) throws(BrokenPromise) {
    guard soak_wait(child) == -1 else { throw BrokenPromise("no child") }
    let before = Array(machine.arena.sharedBytes)
    let kept = machine.arena.lastingBytes
    var last = before
    // Before the first change, too.
    try die(before, before, machine, &aftermath, operation)
    while true {
      let status = soak_step(child)
      guard status == -1 else {
        guard status == 0 else { throw BrokenPromise("ended with \(status)") }
        break
      }
      result.instructions += 1
      let now = machine.arena.sharedBytes
      let isSame = last.withUnsafeBytes { last in
        kept.allSatisfy { place in
          memcmp(
            last.start + place.lowerBound,
            now.start + place.lowerBound,
            place.count
          ) == 0
        }
      }
      if isSame { continue }
      last = Array(now)
      result.moments += 1
      do throws(BrokenPromise) {
        try die(last, before, machine, &aftermath, operation)
      } catch {
        throw BrokenPromise(
          "at change \(result.moments): \(error.text)",
          line: error.line
        )
      }
    }
  }

  /// Lets another server go on with these bytes.
  private static func die(
    _ bytes: [UInt8],
    _ before: [UInt8],
    _ machine: borrowing SoakMachine,
    _ aftermath: inout SoakMachine,
    _ operation: SoakOperation
  ) throws(BrokenPromise) {
    let arena = aftermath.arena
    arena.sharedBytes.copyBytes(from: bytes)
    arena.copyModel(from: machine.arena)
    aftermath.tables.adopt(machine.tables)
    for slot in 0..<machine.shape.slotCount {
      // What is half written is nobody's copy.
      let first = arena.place(of: slot)
      let isSame = bytes[first] == before[first]
      arena.marks[Int(slot)] = isSame ? machine.arena.marks[Int(slot)] : 1
    }
    aftermath.quarantined = []
    try aftermath.takeOver()
    try aftermath.reissue(operation)
    for block in 0..<machine.shape.blocks {
      let read = SoakOperation(kind: .read, start: block, count: 1, stamp: 0)
      try aftermath.judge(read, try aftermath.ask(read))
    }
    var passes = 0
    while passes < 2 { if aftermath.store.scrub() == .passed { passes += 1 } }
    try aftermath.takeOver()
    try aftermath.checkTables(mayNameQuarantined: true)
  }
}
