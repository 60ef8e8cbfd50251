// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Testing

@testable import Health

/// Each limit from both sides, the window, and the way back.
@Suite struct HealthTests {
  private static let second: UInt64 = 1_000_000_000

  private var limits: HealthLimits {
    var limits = HealthLimits()
    limits.degraded = HealthLimit(total: 8, recent: 4, run: 3)
    limits.failing = HealthLimit(total: 40, recent: 20, run: 6)
    limits.window = 60
    limits.quiet = 300
    return limits
  }

  /// A store's health with a clock of its own.
  private struct Patient {
    var health: Health
    var figures = HealthFigures()
    var now: UInt64 = 5 * HealthTests.second
    var changes: [HealthChange] = []

    init(_ limits: HealthLimits, slotsPerShelf: UInt32 = 1000) {
      health = Health(limits: limits, slotsPerShelf: slotsPerShelf, at: now)
    }

    mutating func observe() {
      if let change = health.observe(figures, at: now) {
        changes.append(change)
      }
    }

    /// Damage in slots that lie far from each other.
    mutating func damage(_ count: UInt64) {
      figures.damaged += count
      observe()
    }

    mutating func damage(slots: [UInt32]) {
      for slot in slots { health.note(slot: slot, at: now) }
      damage(UInt64(slots.count))
    }

    /// Looks once a second, as the server does.
    mutating func wait(_ seconds: UInt64) {
      for _ in 0..<seconds {
        now += HealthTests.second
        observe()
      }
    }
  }

  private func words(_ changes: [HealthChange]) -> [String] {
    changes.map { "\($0.to.name) \($0.reason.name)" }
  }

  @Test func aNewStoreIsHealthyAndStaysSo() {
    var patient = Patient(limits)
    patient.wait(1000)
    #expect(patient.health.state == .healthy)
    #expect(patient.changes.isEmpty)
  }

  /// One by one, so far apart that the window never has two.
  @Test(
    arguments: [
      (7, .healthy, []), (8, .degraded, ["degraded total"]),
      (39, .degraded, ["degraded total"]),
      (40, .failing, ["degraded total", "failing total"]),
    ] as [(Int, HealthState, [String])]
  )
  func damageInTotal(count: Int, state: HealthState, changes: [String]) {
    var limits = limits
    limits.quiet = 0
    var patient = Patient(limits)
    for _ in 0..<count {
      patient.damage(1)
      patient.wait(61)
    }
    #expect(patient.health.state == state)
    #expect(words(patient.changes) == changes)
  }

  @Test(
    arguments: [
      (3, .healthy, []), (4, .degraded, ["degraded recent"]),
      (19, .degraded, ["degraded recent"]), (20, .failing, ["failing recent"]),
    ] as [(UInt64, HealthState, [String])]
  )
  func damageWithinTheWindow(
    count: UInt64,
    state: HealthState,
    changes: [String]
  ) {
    var patient = Patient(limits)
    patient.damage(count)
    #expect(patient.health.recent == count)
    #expect(patient.health.state == state)
    #expect(words(patient.changes) == changes)
  }

  /// Slots 10, 12 and 14 are no neighbours; 11 makes three of 10 and 12.
  @Test(
    arguments: [
      ([10, 11], .healthy), ([10, 12, 14], .healthy),
      ([10, 12, 11], .degraded),
      ([12, 11, 10], .degraded), ([10, 10, 10], .healthy),
      ([10, 11, 12, 13, 14], .degraded), ([9, 10, 11, 12, 13, 14], .failing),
      ([10, 11, 12, 14, 15, 13], .failing),
      // The last slot of a shelf and the first ones of the next.
      ([998, 999, 1000, 1001], .healthy), ([1001, 1000, 999, 998], .healthy),
      ([999, 1001, 1002, 1000], .degraded),
    ] as [([UInt32], HealthState)]
  )
  func neighbours(slots: [UInt32], state: HealthState) {
    var limits = limits
    limits.degraded = HealthLimit(total: 0, recent: 0, run: 3)
    limits.failing = HealthLimit(total: 0, recent: 0, run: 6)
    var patient = Patient(limits)
    patient.damage(slots: slots)
    #expect(patient.health.state == state)
    #expect(patient.changes.count == (state == .healthy ? 0 : 1))
  }

  /// More stretches than are remembered do not hide one that goes on growing.
  @Test func aStretchThatGrowsIsNotForgotten() {
    var patient = Patient(limits, slotsPerShelf: 1 << 20)
    for step in 0..<100 as Range<UInt32> {
      patient.now += 1
      patient.health.note(slot: 5000 + step, at: patient.now)
      for other in 0..<8 as Range<UInt32> {
        patient.health.note(slot: 1000 * other + 7 * step, at: patient.now)
      }
    }
    #expect(patient.health.longestRun >= 100)
  }

  @Test func neighboursThatWereDamagedLongAgoAreNone() {
    var patient = Patient(limits)
    patient.damage(slots: [10, 11])
    patient.wait(61)
    #expect(patient.health.longestRun == 0)
    patient.damage(slots: [12])
    #expect(patient.health.state == .healthy)
  }

  @Test func aLimitOfZeroIsNever() {
    var limits = limits
    limits.degraded = HealthLimit(total: 0, recent: 0, run: 0)
    limits.failing = HealthLimit(total: 0, recent: 0, run: 0)
    var patient = Patient(limits)
    patient.damage(slots: Array(0..<500))
    #expect(patient.health.state == .healthy)
    #expect(patient.health.longestRun == 500)
  }

  @Test func theWindowSlides() {
    var patient = Patient(limits)
    // Three in each window of 60 s, over and over.
    for _ in 0..<2 {
      patient.damage(3)
      patient.wait(60)
      #expect(patient.health.recent == 0)
    }
    #expect(patient.health.state == .healthy)
    patient.damage(2)
    patient.wait(58)
    #expect(patient.health.recent == 2)
    patient.damage(2)
    #expect(words(patient.changes) == ["degraded total"])
  }

  /// The exact time for which a frame counts, to a sixtieth.
  @Test func aFrameCountsForAWindow() {
    for start in 0..<60 as Range<UInt64> {
      var window = DamageWindow(nanoseconds: 6000)
      window.add(1, at: start * 7)
      window.add(2, at: start * 7 + 100)
      window.slide(to: start * 7 + 5899)
      #expect(window.sum == 3)
      window.slide(to: start * 7 + 6000)
      #expect(window.sum == 2)
      window.slide(to: start * 7 + 6100)
      #expect(window.sum == 0)
      window.add(5, at: start * 7 + 1_000_000)
      #expect(window.sum == 5)
    }
  }

  @Test func whatIsLostIsFailingAtOnceAndForGood() {
    var patient = Patient(limits)
    patient.figures.lost = 1
    patient.observe()
    #expect(words(patient.changes) == ["failing lost"])
    #expect(patient.changes[0].from == .healthy)
    patient.wait(100_000)
    patient.figures.thin = 3
    patient.observe()
    #expect(patient.health.state == .failing)
    #expect(patient.changes.count == 1)
  }

  @Test func fewerCopiesAndFullShelvesAreDegraded() {
    var patient = Patient(limits)
    patient.figures.thin = 1
    patient.observe()
    #expect(words(patient.changes) == ["degraded thin"])
    patient = Patient(limits)
    patient.figures.refused = 1
    patient.observe()
    #expect(words(patient.changes) == ["degraded full"])
  }

  @Test func degradedIsHealthyAfterAQuietTimeOnly() {
    var patient = Patient(limits)
    patient.damage(4)
    let fallen = patient.now
    patient.wait(299)
    #expect(patient.health.state == .degraded)
    patient.wait(1)
    #expect(words(patient.changes) == ["degraded recent", "healthy quiet"])
    #expect(patient.changes[1].time - fallen == 300 * Self.second)
    // What was then is forgiven.
    patient.wait(1000)
    patient.damage(3)
    #expect(patient.health.state == .healthy)
    patient.wait(60)
    patient.damage(3)
    #expect(patient.health.state == .healthy)
    patient.wait(60)
    patient.damage(2)
    #expect(patient.changes.last.map { "\($0.reason.name)" } == "total")
  }

  /// Each damage, however little, begins the quiet time anew.
  @Test func aTrickleKeepsItDegraded() {
    var patient = Patient(limits)
    patient.damage(4)
    for _ in 0..<20 {
      patient.wait(299)
      patient.damage(1)
    }
    #expect(patient.changes.count == 1)
    #expect(patient.health.state == .degraded)
  }

  @Test func itIsNotHealthyWhileCopiesAreMissing() {
    var patient = Patient(limits)
    patient.figures.thin = 2
    patient.wait(10_000)
    #expect(words(patient.changes) == ["degraded thin"])
    patient.figures.thin = 0
    patient.wait(299)
    #expect(patient.health.state == .degraded)
    patient.wait(1)
    #expect(patient.health.state == .healthy)
  }

  @Test func withoutAQuietTimeItStaysDegraded() {
    var limits = limits
    limits.quiet = 0
    var patient = Patient(limits)
    patient.damage(4)
    patient.wait(100_000)
    #expect(patient.changes.count == 1)
  }

  /// A quiet time that is shorter than the window would let what is still in
  /// the window count twice.
  @Test func itDoesNotFlap() {
    var limits = limits
    limits.quiet = 1
    limits.degraded.total = 0
    var patient = Patient(limits)
    patient.damage(slots: [1, 2, 3, 9])
    patient.wait(1000)
    #expect(words(patient.changes) == ["degraded run", "healthy quiet"])
    let seconds = (patient.changes[1].time - patient.changes[0].time)
    #expect(seconds == 60 * Self.second)
    // Two of four leave the window early; the others still are in it.
    patient = Patient(limits)
    patient.damage(2)
    patient.wait(50)
    patient.damage(2)
    patient.wait(59)
    patient.damage(2)
    patient.wait(59)
    #expect(words(patient.changes) == ["degraded recent"])
  }

  /// All damage since the start counts for failing, forgiven or not.
  @Test func nothingIsForgivenForFailing() {
    var patient = Patient(limits)
    for _ in 0..<9 {
      patient.damage(4)
      patient.wait(400)
    }
    #expect(patient.health.state == .healthy)
    #expect(patient.changes.count == 18)
    patient.damage(3)
    #expect(patient.health.state == .healthy)
    patient.damage(1)
    #expect(patient.health.state == .failing)
  }

  @Test func aClockThatGoesBackAndSumsThatDoAreBorne() {
    var patient = Patient(limits)
    patient.damage(2)
    patient.now = 0
    patient.figures.damaged = 0
    patient.wait(3)
    #expect(patient.health.state == .healthy)
    #expect(patient.health.figures.damaged == 2)
    patient.now = .max - 70 * Self.second
    patient.wait(60)
    patient.figures.damaged = .max
    patient.observe()
    #expect(patient.health.state == .failing)
  }
}
