// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Linux
import NBD
import Supervisor

/// A server of the kernel's device over NBD, from its first moment on.
enum KernelServer {
  /// What a server finds.
  enum Store {
    /// Nothing; these slots are not to be used.
    case empty(without: [UInt32])
    /// What the server before it has left, once that is dead.
    case left
  }

  /// The whole life of a process that has just been forked.
  static func live(
    _ first: borrowing Descriptor,
    _ second: borrowing Descriptor,
    _ estate: consuming Estate.Rest,
    bufferBytes: Int,
    _ store: Store,
    keeper: Int32
  ) -> Never {
    Process.setName("oldmemd-spare")
    let log = estate.voice.log.duplicate()
    do throws(ServerError) {
      let watch = try attempt(ServerError.process) { () throws(Errno) in
        try ProcessWatch(process: keeper)
      }
      try getReady(&estate)
      let clients = try attempt(ServerError.network) { () throws(NBDError) in
        try NBDServer(
          over: first,
          second,
          exportSize: UInt64(estate.shape.blocks) << 12,
          bufferBytes: bufferBytes
        )
      }
      let own = UInt64(Process.own.magnitude)
      let blocks: Server.Store
      switch store {
      case .left:
        try lock(estate)
        estate.succession.set(.spare, own)
        guard isCalled(first, second, estate.succession) else {
          awaitEnd(estate)
          Process.exit(0)
        }
        blocks = try estate.recover()
      case .empty(let slots):
        blocks = try estate.format(without: slots.span)
        try lock(estate)
        estate.succession.set(.spare, own)
      }
      Process.setName("oldmemd-server")
      var server = NetworkServer(clients, blocks, of: estate)
      try server.run(for: watch)
      Process.exit(0)
    } catch {
      log.say(error.sentence, .problem)
      Process.exit(Child.refusal)
    }
  }

  /// Makes sure that a capture kernel's swap is not swapped out to itself, and
  /// that it goes before who waits for it.
  private static func lock(
    _ estate: borrowing Estate.Rest
  ) throws(ServerError) {
    do throws(Errno) {
      try Kernel.lockMemory(.atOnce)
      try estate.standToAttention(.spare)
    } catch {
      // Who may not lock memory is swapped out like anybody.
      if estate.isLent { throw .lock(error) }
    }
  }

  /// Takes the frames, and lets nothing be swapped out meanwhile: it would be
  /// this process that has to bring it back.
  private static func getReady(
    _ estate: inout Estate.Rest
  ) throws(ServerError) {
    try? Kernel.lockMemory(.asItComes)
    do throws(Errno) {
      try estate.frames.mapAgain()
      try estate.renewShield()
    } catch { throw .process(error) }
  }

  /// Outlives the keeper, who ends its spare otherwise: the kernel serves on,
  /// until the server ends, whom nobody can replace any more.
  private static func awaitEnd(_ estate: borrowing Estate.Rest) {
    guard estate.isLent, !estate.succession.isSet(.retired) else { return }
    let number = Int32(truncatingIfNeeded: estate.succession.value(.server))
    if number != Process.own, let server = try? ProcessWatch(process: number) {
      while !server.ended(within: 1000) {}
    }
    guard estate.succession.isSet(.committed) else { return }
    estate.voice.despair("the server and its keeper died")
  }

  /// Waits for the kernel's first request, by either of two sockets; false when
  /// both are closed before.
  ///
  /// The kernel has the sockets only once the server before is dead, and what
  /// that has left may be touched: so a closed socket must not pass for a
  /// request. Whoever has become the server, and is asked for nothing, lives.
  private static func isCalled(
    _ first: borrowing Descriptor,
    _ second: borrowing Descriptor,
    _ succession: borrowing Succession
  ) -> Bool {
    let own = UInt64(Process.own.magnitude)
    var open: UInt32 = 3
    while open != 0 {
      let ready = Poll.wait(
        for: [
          open & 1 != 0 ? first.number : -1,
          open & 2 != 0 ? second.number : -1, -1,
        ],
        milliseconds: 1000
      )
      if succession.value(.server) == own { succession.beat() }
      if ready & 1 != 0 {
        if first.hasInput { return true }
        open &= ~1
      }
      if ready & 2 != 0 {
        if second.hasInput { return true }
        open &= ~2
      }
    }
    return false
  }
}
