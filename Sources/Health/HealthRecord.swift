// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BlockStore

/// All that can be told of a running store.
public struct HealthRecord: Sendable {
  /// How well it does.
  public var health: Health
  /// What it has done.
  public var counters = StoreCounters.zero
  /// How large it is.
  public var shape: StoreShape
  /// The code of the device's name; nil while there is none.
  public var device: UInt32?
  /// The process that serves it.
  public var server: Int32
  /// How many processes have served it so far.
  public var servers: UInt64 = 1
  /// When this was written, in nanoseconds of the clock.
  public var time: UInt64

  /// The changes of state so far.
  public private(set) var changes: UInt64 = 0
  /// How many of them the kernel's log has.
  public private(set) var changesSaid: UInt64 = 0
  private var ring = InlineArray<16, HealthChange>(repeating: HealthChange())

  /// How many of the latest changes are kept.
  public static let changesKept: UInt64 = 16

  /// A new store's record.
  public init(
    shape: StoreShape,
    limits: HealthLimits,
    server: Int32,
    at now: UInt64
  ) {
    health = Health(
      limits: limits,
      slotsPerShelf: shape.slotsPerShelf,
      at: now
    )
    self.shape = shape
    self.server = server
    time = now
  }

  /// Looks at the store's counters.
  public mutating func observe(_ counters: StoreCounters, at now: UInt64) {
    self.counters = counters
    time = now
    let change = health.observe(HealthFigures(counters), at: now)
    guard let change else { return }
    ring[Int(changes % Self.changesKept)] = change
    changes &+= 1
  }

  /// The change with this number, counted from 0; nil when it has not come
  /// yet or is kept no more.
  public func change(_ number: UInt64) -> HealthChange? {
    guard number < changes, changes &- number <= Self.changesKept else {
      return nil
    }
    return ring[Int(number % Self.changesKept)]
  }

  /// The oldest change that the kernel's log does not have yet.
  public var unsaid: HealthChange? {
    let kept = Self.changesKept
    let oldest = changes > kept ? changes &- kept : 0
    return change(max(changesSaid, oldest))
  }

  /// Notes that `unsaid` is in the kernel's log.
  public mutating func markSaid() {
    let kept = Self.changesKept
    let oldest = changes > kept ? changes &- kept : 0
    changesSaid = min(max(changesSaid, oldest) &+ 1, changes)
  }
}
