// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux
import Ublk

/// Scrubbing between two rounds of requests, as far as it is due.
///
/// Stops as soon as a request has come, so none waits for more than the look
/// at one block; one step is taken in any case, so that a device that is never
/// idle is looked at too. Neighbours of damage are always due.
#if hasFeature(Embedded)
  @_noAllocation
#endif
func scrub(
  _ store: inout Server.Store,
  _ pace: inout ScrubPace,
  until device: borrowing UblkDevice
) {
  // What is looked at between two heartbeats.
  for _ in 0..<4096 {
    let isDue = pace.isDue(
      progress: store.scrubProgress,
      now: Clock.nanoseconds()
    )
    guard isDue || store.isSuspicious else { return }
    if store.scrub() == .passed { pace.rest() }
    guard !device.isAsked else { return }
  }
}

/// How long to wait for requests, so that what is due is done.
func patience(
  _ store: borrowing Server.Store,
  _ pace: ScrubPace,
  atMost milliseconds: UInt32
) -> UInt32 {
  if store.isSuspicious { return 0 }
  return min(milliseconds, pace.isResting ? 1000 : 50)
}
