// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Health
import Linux
import Status

/// The server's word on how its store does: into shared memory ten times a
/// second at most, and into the kernel's log whenever the state changes.
struct HealthReport: ~Copyable {
  private static let interval: UInt64 = 100_000_000

  private var record: HealthRecord
  private var due: UInt64 = 0

  /// Begins a report, or goes on with the one that a dead server left.
  init(
    on page: borrowing HealthPage,
    shape: StoreShape,
    limits: HealthLimits
  ) {
    if let left = page.read() {
      record = left
      record.server = Process.own
      record.servers &+= 1
    } else {
      record = HealthRecord(
        shape: shape,
        limits: limits,
        server: Process.own,
        at: Clock.nanoseconds()
      )
    }
    page.write(record)
  }

  /// Says which device it is.
  mutating func serve(_ device: DeviceName) { record.device = device.code }

  /// Takes what the store notices; `look` is due then.
  #if hasFeature(Embedded)
    @_noAllocation
  #endif
  mutating func note(_ event: StoreEvent) {
    due = 0
    guard let slot = event.damagedSlot else { return }
    record.health.note(slot: slot, at: Clock.nanoseconds())
  }

  /// Looks at the store, if that is due; true if it was, and there may be
  /// something to say.
  #if hasFeature(Embedded)
    @_noAllocation
  #endif
  mutating func look(
    _ store: borrowing Server.Store,
    on page: borrowing HealthPage
  ) -> Bool {
    let now = Clock.nanoseconds()
    guard now >= due else { return false }
    due = now &+ Self.interval
    record.observe(store.counters, at: now)
    page.write(record)
    return true
  }

  /// Says what has changed; a change that a dead server has not said is said
  /// by the next one.
  mutating func say(
    log: borrowing Log,
    on page: borrowing HealthPage
  ) {
    while let change = record.unsaid {
      log.say(
        change.sentence(record.health.limits),
        change.to > change.from ? .problem : .notice
      )
      record.markSaid()
      page.write(record)
    }
  }
}
