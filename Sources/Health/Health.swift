// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The judgement of a store's health: sums, slots and a clock go in, changes
/// of state come out.
///
/// It is a value without pointers, so that a process that dies can leave it in
/// shared memory to the next one, and it allocates nothing.
public struct Health: Sendable {
  /// The state at the moment.
  public private(set) var state = HealthState.healthy
  /// Why it was entered.
  public private(set) var reason = HealthReason.start
  /// When it was entered, in nanoseconds of the clock.
  public private(set) var since: UInt64
  /// Where the states begin.
  public let limits: HealthLimits
  /// The sums at the last look.
  public private(set) var figures = HealthFigures()

  private var window: DamageWindow
  private var runs: DamageRuns
  /// The latest time that was given; the clock never goes back.
  private var latest: UInt64
  /// When there was trouble last.
  private var troubled: UInt64
  /// The damage that had been there when healthy was entered.
  private var forgiven: UInt64 = 0

  /// A new store's health.
  public init(
    limits: HealthLimits = HealthLimits(),
    slotsPerShelf: UInt32,
    at now: UInt64
  ) {
    self.limits = limits
    since = now
    latest = now
    troubled = now
    window = DamageWindow(nanoseconds: limits.windowNanoseconds)
    runs = DamageRuns(slotsPerShelf: slotsPerShelf)
  }

  /// Damaged frames within the window of time.
  public var recent: UInt64 { window.sum }

  /// Frames of the longest stretch that was damaged, within the window.
  public var longestRun: UInt64 { runs.longest }

  /// Notes where damage was found; how much there was is `observe`'s.
  public mutating func note(slot: UInt32, at now: UInt64) {
    latest = max(latest, now)
    runs.note(slot, at: latest)
  }

  /// Looks at the sums, and says whether the state has changed.
  ///
  /// To be called at least once a second.
  public mutating func observe(
    _ new: HealthFigures,
    at now: UInt64
  ) -> HealthChange? {
    latest = max(latest, now)
    window.slide(to: latest)
    let age = limits.windowNanoseconds
    if latest > age { runs.forget(upTo: latest &- age) }
    // Sums that go back are those of a store that was made anew.
    let damage = new.damaged > figures.damaged ? new.damaged : figures.damaged
    let found = damage &- figures.damaged
    if found > 0 { window.add(found, at: latest) }
    let refused = new.refused > figures.refused
    let lost = new.lost > figures.lost
    if found > 0 || refused || lost || new.thin > 0 { troubled = latest }
    figures = new
    figures.damaged = damage

    if let reason = failing { return enter(.failing, reason) }
    if let reason = degraded(refused: refused) {
      return enter(.degraded, reason)
    }
    // What has been forgiven once must not count again at once: the quiet time
    // is no shorter than the window, which is empty then.
    if state == .degraded, limits.quiet > 0,
      latest &- troubled >= limits.quietNanoseconds
    {
      forgiven = figures.damaged
      state = .healthy
      return record(from: .degraded, .quiet)
    }
    return nil
  }

  private var failing: HealthReason? {
    if figures.lost > 0 { return .lost }
    return exceeded(limits.failing, total: figures.damaged)
  }

  private func degraded(refused: Bool) -> HealthReason? {
    if figures.thin > 0 { return .thin }
    if refused { return .full }
    return exceeded(limits.degraded, total: figures.damaged &- forgiven)
  }

  private func exceeded(
    _ limit: HealthLimit,
    total: UInt64
  ) -> HealthReason? {
    if limit.run > 0, longestRun >= limit.run { return .run }
    if limit.recent > 0, recent >= limit.recent { return .recent }
    if limit.total > 0, total >= limit.total { return .total }
    return nil
  }

  /// Changes for the worse; nil when it is as bad already.
  private mutating func enter(
    _ worse: HealthState,
    _ reason: HealthReason
  ) -> HealthChange? {
    guard worse > state else { return nil }
    let before = state
    state = worse
    return record(from: before, reason)
  }

  private mutating func record(
    from before: HealthState,
    _ reason: HealthReason
  ) -> HealthChange {
    self.reason = reason
    since = latest
    var change = HealthChange()
    change.time = latest
    change.from = before
    change.to = state
    change.reason = reason
    change.figures = figures
    change.recent = recent
    change.run = longestRun
    return change
  }
}

/// A change of state, with the figures that it was made by.
public struct HealthChange: Equatable, Sendable {
  /// When, in nanoseconds of the clock.
  public var time: UInt64 = 0
  /// The state that was left.
  public var from = HealthState.healthy
  /// The state that was entered.
  public var to = HealthState.healthy
  /// Why.
  public var reason = HealthReason.start
  /// The sums at that time.
  public var figures = HealthFigures()
  /// Damaged frames within the window.
  public var recent: UInt64 = 0
  /// Frames of the longest damaged stretch.
  public var run: UInt64 = 0

  /// No change: what a place for one has at first.
  public init() {}
}
