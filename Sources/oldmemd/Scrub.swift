// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux

/// When the server scrubs, and for how long at a time.
///
/// The server runs before all ordinary processes, so what it does unasked is
/// taken from the dump, where there is one processor: a stretch of scrubbing is
/// followed by three times as long without, whatever damage waits to be found.
struct ScrubShare {
  private static let longest: UInt64 = 1_000_000
  private static let rests: UInt64 = 3

  fileprivate var pace: ScrubPace
  private var begun: UInt64 = 0
  private var restsUntil: UInt64 = 0

  /// A pass in so many seconds, from now on; 0 for none.
  init(seconds: UInt32) {
    pace = ScrubPace(
      period: UInt64(seconds) * 1_000_000_000,
      now: Clock.nanoseconds()
    )
  }

  /// Whether a stretch may begin.
  fileprivate mutating func begins(at now: UInt64) -> Bool {
    guard now >= restsUntil else { return false }
    begun = now
    return true
  }

  /// Whether the stretch may go on.
  fileprivate func goesOn(at now: UInt64) -> Bool {
    now &- begun < Self.longest
  }

  fileprivate mutating func ends(at now: UInt64) {
    restsUntil = now &+ (now &- begun) &* Self.rests
  }

  /// How long to wait for requests, so that what is due is done.
  func patience(
    _ store: borrowing Server.Store,
    atMost milliseconds: UInt32
  ) -> UInt32 {
    if store.isSuspicious { return 3 }
    return min(milliseconds, pace.isResting ? 1000 : 50)
  }
}

/// Scrubbing between two rounds of requests, as far as it is due.
///
/// `isAsked` sends what was answered first, or whoever has sent one request
/// only would wait for a whole stretch, and then says whether somebody waits.
/// None does for more than the look at one block: that is as soon as scrubbing
/// stops. One step is taken in any stretch, so that a device that is never idle
/// is looked at too. Neighbours of damage are always due.
#if hasFeature(Embedded)
  @_noAllocation
#endif
func scrub(
  _ store: inout Server.Store,
  _ share: inout ScrubShare,
  unless isAsked: () -> Bool
) {
  var now = Clock.nanoseconds()
  guard share.begins(at: now) else { return }
  var isFirst = true
  while share.goesOn(at: now) {
    let isDue = share.pace.isDue(progress: store.scrubProgress, now: now)
    guard isDue || store.isSuspicious else { break }
    if isAsked(), !isFirst { break }
    isFirst = false
    if store.scrub(unless: isAsked) == .passed { share.pace.rest() }
    now = Clock.nanoseconds()
  }
  share.ends(at: now)
}
