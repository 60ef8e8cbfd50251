// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux

/// What the store notices, said once each and never in a flood: a serial
/// console takes longer for a line than a device takes to damage a frame.
struct EventLog: ~Copyable {
  let log: Log
  private var damages: UInt64 = 0
  private var losses: UInt64 = 0

  init(_ log: consuming Log) { self.log = log }

  mutating func say(_ event: StoreEvent) {
    switch event {
    case .lost(let block):
      losses &+= 1
      guard EventLog.isSaid(losses) else { return }
      log.say(
        "block \(block.value) is lost: no copy is good (\(losses) so far)",
        .problem
      )
    case .mismatch(let block, let copy, let slot, _):
      damages &+= 1
      guard EventLog.isSaid(damages) else { return }
      log.say(
        """
        block \(block.value): copy \(copy) in slot \(slot) was damaged \
        (\(damages) so far)
        """,
        .problem
      )
    case .relocated, .thinned, .canary, .metadata: break
    }
  }

  /// The first four, then one for each doubling: the kernel takes ten lines
  /// in five seconds.
  private static func isSaid(_ count: UInt64) -> Bool {
    count <= 4 || count & (count - 1) == 0
  }
}
