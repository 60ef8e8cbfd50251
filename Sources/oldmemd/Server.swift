// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Health
import Linux
import NBD
import NBDKernel
import Status
import Supervisor
import Ublk

/// The store behind its device: what runs from `swapon` to the reboot, in the
/// process that made it or in one that took over.
struct Server: ~Copyable {
  typealias Store = BlockStore<FrameWindow>

  var device: UblkDevice
  var store: Store
  var health: HealthReport
  let estate: Estate.Rest

  /// How long the spare may take to be ready, in milliseconds.
  static let patience: UInt64 = 15_000

  /// How long a server must live to be none that dies at once, likewise.
  static let probation: UInt64 = 300

  /// Serves until the end was requested and the device is gone; `started` is
  /// called once, when /dev/ublkbN is there, or is there again, and somebody
  /// stands by.
  mutating func run(
    started: (UInt32) -> Void
  ) throws(ServerError) {
    var log = EventLog()
    var isStopping = false
    var isThere = false
    var isAnnounced = false
    var isDamaged = false
    var announced: UInt64 = 0
    let limit = Clock.nanoseconds() + Server.patience * 1_000_000
    var share = ScrubShare(seconds: estate.scrubTime)
    do throws(UblkError) {
      var round = UblkDevice.Round.served
      while round != .gone {
        if Process.endIsRequested, !isStopping {
          isStopping = true
          try device.stop()
        }
        round = try serveRound(
          &device,
          &store,
          &share,
          estate.succession,
          waitingUpTo: isAnnounced ? 1000 : 10
        )
        if round == .started { isThere = true }
        // With the first answer, where one is waited for.
        if isThere, !isAnnounced, round != .started || device.answers > 0,
          estate.succession.isSet(.ready)
        {
          isAnnounced = true
          estate.succession.set(.serving, UInt64(Process.own.magnitude))
          announced = Clock.nanoseconds()
          health.serve(.ublk(device.number))
          started(device.number)
        }
        if estate.succession.isSet(.failures), isAnnounced,
          Clock.nanoseconds() - announced > Server.probation * 1_000_000
        {
          estate.succession.set(.failures, 0)
        }
        while let event = store.takeEvent() {
          if !isDamaged { estate.readahead.end() }
          isDamaged = true
          health.note(event)
          log.say(event, estate.voice)
        }
        if health.look(store, on: estate.health.page) {
          health.say(log: estate.voice.log, on: estate.health.page)
        }
        if !isAnnounced, Clock.nanoseconds() > limit { break }
      }
    } catch { throw .device(error) }
    // There is no device any more, or none that anybody may use.
    estate.succession.set(.retired, 1)
    guard isAnnounced else { throw .alone }
    guard isStopping else { throw .gone }
  }

  /// Leaves nothing of the device behind.
  consuming func end() throws(ServerError) {
    do throws(UblkError) { try device.delete() } catch {
      throw .device(error)
    }
  }
}

/// One round of requests, and of looking at what nobody asks for.
///
/// Nothing that it calls allocates: the compiler proves it, for a server that
/// waits for memory while the kernel waits for the server is a deadlock.
#if hasFeature(Embedded)
  @_noAllocation
#endif
func serveRound(
  _ device: inout UblkDevice,
  _ store: inout Server.Store,
  _ share: inout ScrubShare,
  _ succession: borrowing Succession,
  waitingUpTo milliseconds: UInt32
) throws(UblkError) -> UblkDevice.Round {
  succession.beat()
  let round = try device.serve(
    &store,
    waitingUpTo: share.patience(store, atMost: milliseconds)
  )
  scrub(
    &store,
    &share,
    unless: {
      // Whoever was answered need not wait for the scrubber.
      device.sendAnswers()
      return device.isAsked
    }
  )
  return round
}

/// Why there is no server.
enum ServerError: Error {
  /// No memory for the store's tables.
  case tables(Errno)
  /// The store refused its shape or its frames.
  case store(StoreError)
  /// This process cannot be made fit to serve.
  case process(Errno)
  /// No block device.
  case device(UblkError)
  /// No clients of NBD.
  case network(NBDError)
  /// The kernel does not have the device over NBD.
  case kernel(NBDKernelError)
  /// One server after another died.
  case mortal
  /// The driver has taken the device away.
  case gone
  /// No process that could stand by.
  case spare(Errno)
  /// The spare has not become ready.
  case alone
  /// The server's memory cannot be kept from being swapped out.
  case lock(Errno)

  /// The error as a sentence.
  var sentence: Line {
    switch self {
    case .tables(let errno): "no memory for the store's tables: \(errno)"
    case .store: "the store refused its shape"
    case .process(let errno): "this process may not serve I/O: \(errno)"
    case .device(let error): error.sentence
    case .network(let error): error.sentence
    case .kernel(let error): error.sentence
    case .mortal: "nbd: one server after another died"
    case .gone: "ublk: the driver has taken the device away"
    case .spare(let errno): "nobody can stand by the server: \(errno)"
    case .alone: "nobody stands by the server"
    case .lock(let errno): "memory cannot be locked: \(errno)"
    }
  }
}
