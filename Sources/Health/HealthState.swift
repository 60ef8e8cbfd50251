// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How well a store does.
///
/// From top to bottom it may change at any time. Only from degraded back to
/// healthy is there a way up, and only after a time without any trouble.
public enum HealthState: UInt8, Comparable, Sendable {
  /// All copies are there, and hardly any was damaged.
  case healthy = 0
  /// All content is there, but more damage than chance would explain, or
  /// blocks with fewer copies.
  case degraded
  /// Content was lost, or so much is damaged that it will be. For good.
  case failing

  /// Orders states from healthy to failing.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The state in a word.
  public var name: StaticString {
    switch self {
    case .healthy: "healthy"
    case .degraded: "degraded"
    case .failing: "failing"
    }
  }
}

/// Why a state was entered.
public enum HealthReason: UInt8, Sendable {
  /// The store was made.
  case start = 0
  /// A block had no good copy left.
  case lost
  /// Too many damaged frames in total.
  case total
  /// Too many damaged frames within the window of time.
  case recent
  /// Too many damaged frames next to each other.
  case run
  /// Blocks have fewer copies than they are to have.
  case thin
  /// A write found no frame: a shelf is full.
  case full
  /// Nothing of all that for long enough.
  case quiet

  /// The reason in a word.
  public var name: StaticString {
    switch self {
    case .start: "start"
    case .lost: "lost"
    case .total: "total"
    case .recent: "recent"
    case .run: "run"
    case .thin: "thin"
    case .full: "full"
    case .quiet: "quiet"
    }
  }
}

/// From how many damaged frames on a state is entered; 0 is never.
public struct HealthLimit: Equatable, Sendable {
  /// In total.
  public var total: UInt64
  /// Within the window of time.
  public var recent: UInt64
  /// Next to each other, within the window of time.
  public var run: UInt64

  /// The three limits.
  public init(total: UInt64, recent: UInt64, run: UInt64) {
    self.total = total
    self.recent = recent
    self.run = run
  }
}

/// Where the states begin.
public struct HealthLimits: Equatable, Sendable {
  /// What is more than chance: a bit that flips here and there is below it,
  /// anything that writes again and again, or to frames side by side, is not.
  public var degraded = HealthLimit(total: 8, recent: 4, run: 2)
  /// What makes losses likely: a run of 128 frames is half a request of 1 MiB
  /// that a device has answered into frames that are lent.
  public var failing = HealthLimit(total: 1024, recent: 256, run: 128)
  /// The window in seconds, at least 1.
  public var window: UInt64 = 60
  /// Seconds without any trouble after which degraded is healthy again, and
  /// never less than the window; 0 is never.
  public var quiet: UInt64 = 300

  /// The limits that hold when nobody says anything.
  public init() {}

  var windowNanoseconds: UInt64 { max(1, window) &* 1_000_000_000 }

  // Of three, `max` would make an array.
  var quietNanoseconds: UInt64 {
    max(windowNanoseconds, quiet &* 1_000_000_000)
  }
}
