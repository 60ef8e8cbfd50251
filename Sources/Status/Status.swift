// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BlockStore
public import Health
public import Linux
internal import Memory

/// What a running oldmemd says of itself.
public struct Status: Sendable {
  /// What is to be done when the store is failing.
  public enum Action: UInt8, Sendable {
    /// Nothing.
    case none = 0
    /// A program will be run.
    case waiting
    /// It was run.
    case taken
  }

  /// When this was said, in nanoseconds since the kernel started.
  public var now: UInt64 = 0
  /// When the server said it.
  public var updated: UInt64 = 0
  /// The process that answers.
  public var witness: UInt32 = 0
  /// The process that serves.
  public var server: UInt32 = 0
  /// How many processes have served so far.
  public var servers: UInt64 = 0
  /// The device; nil before there is one.
  public var device: DeviceName?
  /// How many blocks the device has.
  public var blocks: UInt32 = 0
  /// How many copies each has.
  public var copies: UInt32 = 0
  /// How many frames there are for each copy.
  public var slotsPerShelf: UInt32 = 0
  /// What is done when the store is failing.
  public var action = Action.none

  /// How well the store does.
  public var state = HealthState.healthy
  /// Why.
  public var reason = HealthReason.start
  /// Since when, in nanoseconds since the kernel started.
  public var since: UInt64 = 0
  /// What that is judged by.
  public var figures = HealthFigures()
  /// Damaged frames within the window.
  public var recent: UInt64 = 0
  /// Frames of the longest damaged stretch.
  public var run: UInt64 = 0
  /// Where the states begin.
  public var limits = HealthLimits()
  /// What the store has done.
  public var counters = StoreCounters.zero

  /// How many changes of state there were.
  public var changes: UInt64 = 0
  /// The latest of them, oldest first, `changesKept` at most.
  public var latest = InlineArray<16, HealthChange>(repeating: HealthChange())

  init() {}

  /// What is to be said of a record.
  public init(
    _ record: HealthRecord,
    action: Action,
    witness: UInt32,
    now: UInt64
  ) {
    self.now = now
    updated = record.time
    self.witness = witness
    server = UInt32(bitPattern: record.server)
    servers = record.servers
    device = record.device.map { DeviceName(code: $0) }
    blocks = record.shape.blocks
    copies = UInt32(truncatingIfNeeded: record.shape.copies)
    slotsPerShelf = record.shape.slotsPerShelf
    self.action = action
    state = record.health.state
    reason = record.health.reason
    since = record.health.since
    figures = record.health.figures
    recent = record.health.recent
    run = record.health.longestRun
    limits = record.health.limits
    counters = record.counters
    changes = record.changes
    let first = changes &- UInt64(changesKept)
    for index in 0..<changesKept {
      latest[index] =
        record.change(first &+ UInt64(index)) ?? HealthChange()
    }
  }

  /// How many changes `latest` has.
  public var changesKept: Int {
    Int(min(changes, HealthRecord.changesKept))
  }

  /// What a message says; nil when it makes no sense.
  init?(_ bytes: RawSpan) {
    guard var words = StatusWords(bytes) else { return nil }
    pass(&words)
    guard words.isSound else { return nil }
  }

  /// The message, as words.
  var words: StatusWords {
    var words = StatusWords()
    var copy = self
    copy.pass(&words)
    return words
  }

  /// The order of all words: it is the format, so new ones go to the end.
  private mutating func pass(_ words: inout StatusWords) {
    words.pass(&now)
    words.pass(&updated)
    words.pass(&witness)
    words.pass(&server)
    words.pass(&servers)
    // The code of a device's name, with one added: 0 is none.
    var code = device.map { UInt64($0.code) + 1 } ?? 0
    words.pass(&code)
    device =
      code == 0 ? nil : DeviceName(code: UInt32(truncatingIfNeeded: code &- 1))
    words.pass(&blocks)
    words.pass(&copies)
    words.pass(&slotsPerShelf)
    words.pass(&action)
    words.pass(&state)
    words.pass(&reason)
    words.pass(&since)
    Self.pass(&figures, &words)
    words.pass(&recent)
    words.pass(&run)
    Self.pass(&limits.degraded, &words)
    Self.pass(&limits.failing, &words)
    words.pass(&limits.window)
    words.pass(&limits.quiet)
    words.pass(&changes)
    for index in 0..<Int(HealthRecord.changesKept) {
      words.pass(&latest[index].time)
      words.pass(&latest[index].from)
      words.pass(&latest[index].to)
      words.pass(&latest[index].reason)
      Self.pass(&latest[index].figures, &words)
      words.pass(&latest[index].recent)
      words.pass(&latest[index].run)
    }
    words.pass(&counters.reads)
    words.pass(&counters.writes)
    words.pass(&counters.discards)
    words.pass(&counters.zeroes)
    words.pass(&counters.mismatches)
    words.pass(&counters.repaired)
    words.pass(&counters.lost)
    words.pass(&counters.refused)
    words.pass(&counters.eventsMissed)
    words.pass(&counters.quarantined)
    words.pass(&counters.slotsUsed)
    words.pass(&counters.relocated)
    words.pass(&counters.metadataRepaired)
    words.pass(&counters.canariesBroken)
    words.pass(&counters.scrubbed)
    words.pass(&counters.passes)
  }

  private static func pass(
    _ figures: inout HealthFigures,
    _ words: inout StatusWords
  ) {
    words.pass(&figures.damaged)
    words.pass(&figures.lost)
    words.pass(&figures.refused)
    words.pass(&figures.thin)
  }

  private static func pass(
    _ limit: inout HealthLimit,
    _ words: inout StatusWords
  ) {
    words.pass(&limit.total)
    words.pass(&limit.recent)
    words.pass(&limit.run)
  }
}
