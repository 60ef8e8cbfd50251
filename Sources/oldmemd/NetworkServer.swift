// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux
import NBD
import Status
import Supervisor

/// The store behind NBD, for clients or for the kernel.
struct NetworkServer: ~Copyable {
  var clients: NBDServer
  var store: Server.Store
  var health: HealthReport
  let estate: Estate.Rest

  /// How long clients may take to hear of the end, in nanoseconds.
  private static let farewell: UInt64 = 1_000_000_000

  /// That store for those clients.
  init(
    _ clients: consuming NBDServer,
    _ store: consuming Server.Store,
    of estate: consuming Estate.Rest
  ) {
    health = estate.healthReport()
    self.clients = clients
    self.store = store
    self.estate = estate
  }

  /// Serves until the end was requested, and the clients have heard of it, or
  /// until the only one there can be has gone.
  ///
  /// What a keeper has begun ends with him, where PID 1 has gone on without it.
  mutating func run(for keeper: consuming ProcessWatch? = nil)
    throws(ServerError)
  {
    var log = EventLog()
    var isDamaged = false
    var isNamed = false
    var end: UInt64 = 0
    var share = ScrubShare(seconds: estate.scrubTime)
    do throws(NBDError) {
      while !clients.isDeserted {
        if Process.endIsRequested {
          let now = Clock.nanoseconds()
          if end == 0 {
            clients.end()
            end = now &+ Self.farewell
          }
          guard !clients.isIdle, now < end else { return }
        }
        estate.succession.beat()
        try serveClients(
          &clients,
          &store,
          &share,
          waitingUpTo: end > 0 ? 10 : 1000
        )
        if isForsaken(keeper) { return }
        while let event = store.takeEvent() {
          if !isDamaged { estate.readahead.end() }
          isDamaged = true
          health.note(event)
          log.say(event, estate.voice)
        }
        if !isNamed, let device = estate.succession.device {
          health.serve(device)
          isNamed = true
        }
        while let note = clients.takeNote() { log.say(note, estate.voice) }
        if health.look(store, on: estate.health.page) {
          health.say(log: estate.voice.log, on: estate.health.page)
        }
      }
    } catch { throw .network(error) }
  }
}

extension NetworkServer {
  /// Whether the keeper is gone, and nobody uses the device; PID 1 may yet say
  /// that it does.
  private func isForsaken(_ keeper: borrowing ProcessWatch?) -> Bool {
    guard estate.asksForPermit else { return false }
    switch keeper {
    case .some(let keeper):
      guard keeper.ended(within: 0), let isUsed = estate.permit else {
        return false
      }
      if isUsed { estate.succession.set(.committed, 1) }
      return !isUsed
    case nil: return false
    }
  }
}

/// One round of clients, and of looking at what nobody asks for.
///
/// Nothing that it calls allocates, as with `serveRound`.
#if hasFeature(Embedded)
  @_noAllocation
#endif
func serveClients(
  _ clients: inout NBDServer,
  _ store: inout Server.Store,
  _ share: inout ScrubShare,
  waitingUpTo milliseconds: UInt32
) throws(NBDError) {
  try clients.serve(
    &store,
    waitingUpTo: share.patience(store, atMost: milliseconds)
  )
  scrub(&store, &share, unless: { clients.isAsked })
}
