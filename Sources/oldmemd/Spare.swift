// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Devices
import Linux
import Supervisor
import Ublk

/// A process that takes over when the server dies or hangs.
///
/// All that it will need is here before: the frames are mapped, its memory is
/// there and locked, its ring has been used, its files are open. It runs
/// before all ordinary processes, and may use memory that they may not.
struct Spare: ~Copyable {
  private let standby: UblkStandby
  private let rest: Estate.Rest
  private let isRecoverable: Bool
  private let server: Int32
  private var vigil: Vigil

  /// How many servers in a row may die before they come to serve.
  private static let failureLimit: UInt64 = 5

  /// How long a killed server may take to end, in milliseconds.
  private static let dyingTime: Int32 = 5000

  /// How many spares in a row may fail to become ready.
  private static let attemptLimit: UInt64 = 100

  /// Makes this process ready to take over from the server of that number.
  init(of server: Int32, _ estate: consuming Estate) throws(ServerError) {
    Process.setName("oldmemd-spare")
    let own = Process.own
    estate.rest.succession.set(.spare, UInt64(own.magnitude))
    let attempts = estate.rest.succession.value(.attempts)
    estate.rest.succession.set(.attempts, attempts + 1)
    guard attempts < Spare.attemptLimit else { throw .alone }
    var reserve: Int32?
    do throws(Errno) {
      try Process.ignore(signal: Heir.childEnded)
      // First of all, so that there is always somebody left.
      if let child = try Process.fork() {
        reserve = child.number
        estate.rest.succession.set(.reserve, UInt64(child.number.magnitude))
      } else {
        Heir.wait(estate, server: server, spare: own)
      }
      try estate.rest.letServe(server)
      try estate.rest.frames.mapAgain()
      try estate.rest.renewShield()
    } catch { throw .process(error) }
    let isRecoverable = estate.registration.isRecoverable
    if !estate.rest.succession.isSet(.ready) {
      QueueLimit.set(on: estate.registration) {
        !Process(number: server).isThere
      }
    }
    standby = try Spare.standBy(estate.registration)
    rest = estate.rest
    self.server = server
    self.isRecoverable = isRecoverable
    vigil = Vigil(over: server, asksForPermit: rest.asksForPermit)
    if let reserve { vigil.watch(reserve: reserve) }
  }

  private static func standBy(
    _ registration: consuming UblkRegistration
  ) throws(ServerError) -> UblkStandby {
    do throws(UblkError) { return try UblkStandby(registration) } catch {
      throw .device(error)
    }
  }

  /// The spare's whole life.
  consuming func live() -> Never {
    var spare = self
    spare.getReady()
    spare.rest.succession.set(.attempts, 0)
    spare.rest.succession.set(.ready, 1)
    while true {
      switch spare.vigil.wait(spare.rest.succession, spare.rest.report) {
      case nil: continue
      case .retired: Process.exit(0)
      case .alone: spare = spare.withReserve()
      case .died: spare.replace("the server died")
      case .hangs: spare.endServer()
      }
    }
  }

  /// Makes sure of this process's memory, every time that it has forked: what
  /// both have in common would be copied when it is written to, which may be
  /// in the worst moment.
  private func getReady() {
    do throws(Errno) {
      try Kernel.lockMemory(.atOnce)
      try rest.standToAttention(.spare)
    } catch {
      rest.voice.log.say("the spare is not safe: \(error)", .problem)
    }
  }

  /// Forks another reserve.
  private consuming func withReserve() -> Spare {
    let own = Process.own
    do throws(Errno) {
      guard let reserve = try Process.fork() else {
        Heir.wait(
          Estate(rest: rest, registration: standby.standDown()),
          server: server,
          spare: own
        )
      }
      rest.succession.set(.reserve, UInt64(reserve.number.magnitude))
      vigil.watch(reserve: reserve.number)
    } catch {
      rest.voice.log.say("the spare has no reserve: \(error)", .problem)
    }
    getReady()
    return self
  }

  /// Ends a server whose heart stands still, and takes its place.
  private consuming func endServer() -> Never {
    Process(number: server).kill()
    guard vigil.serverEnds(within: Spare.dyingTime) else {
      rest.succession.set(.retired, 1)
      rest.voice.despair("the server hangs and cannot be ended")
    }
    replace("the server hung")
  }

  /// Takes a dead server's place.
  private consuming func replace(_ fault: StaticString) -> Never {
    guard rest.succession.isSet(.committed) else {
      // What nobody uses is taken away, so that whoever waits for it goes on.
      rest.succession.set(.retired, 1)
      standby.abandon()
      Process.exit(0)
    }
    let start = Clock.nanoseconds()
    let failures = rest.succession.value(.failures)
    rest.succession.set(.failures, failures + 1)
    rest.succession.set(.server, UInt64(Process.own.magnitude))
    rest.succession.beat()
    Process.setName("oldmemd-server")
    guard isRecoverable, failures < Spare.failureLimit else {
      rest.succession.set(.retired, 1)
      rest.voice.despair(
        isRecoverable ? "one server after another died" : "\(fault)"
      )
    }
    do throws(ServerError) {
      let store = try rest.recover()
      let device = try Spare.recover(standby, rest.succession)
      Spare.serve(
        Server(
          device: device,
          store: store,
          health: rest.healthReport(),
          estate: rest
        ),
        instead: fault,
        since: start
      )
    } catch {
      rest.succession.set(.retired, 1)
      rest.voice.despair(
        "\(fault), and nobody else can serve: \(error.sentence)"
      )
    }
  }

  private static func recover(
    _ standby: consuming UblkStandby,
    _ succession: borrowing Succession
  ) throws(ServerError) -> UblkDevice {
    do throws(UblkError) {
      return try standby.recover(meanwhile: { succession.beat() })
    } catch { throw .device(error) }
  }

  /// Serves, as the first server did, to the end.
  private static func serve(
    _ server: consuming Server,
    instead fault: StaticString,
    since start: UInt64
  ) -> Never {
    let log = server.estate.voice.log.duplicate()
    do throws(ServerError) {
      try server.run(
        started: { _ in
          let time = (Clock.nanoseconds() - start) / 1_000_000
          log.say(
            "\(fault); process \(Process.own) serves after \(time) ms",
            .problem
          )
        }
      )
      try server.end()
      Process.exit(0)
    } catch {
      log.say("serve: \(error.sentence)", .problem)
      Process.exit(Child.refusal)
    }
  }
}
