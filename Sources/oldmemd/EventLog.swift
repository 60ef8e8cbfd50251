// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux

/// What the store notices, said once each and never in a flood: a serial
/// console takes longer for a line than a device takes to damage a frame.
struct EventLog: ~Copyable {
  let log: Log
  private var count: UInt64 = 0

  /// So many are said in full.
  private static let shown: UInt64 = 16

  init(_ target: Log.Target) { log = Log(target) }

  mutating func say(_ event: StoreEvent) {
    count += 1
    switch event {
    case .lost(let block):
      log.say("block \(block.value) is lost: no copy is good", .problem)
    case .mismatch(let block, let copy, let slot, _):
      guard count <= EventLog.shown else {
        // Beyond, a line for each doubling.
        if count & (count - 1) == 0 {
          log.say("\(count) damaged copies so far", .problem)
        }
        return
      }
      log.say(
        "block \(block.value): copy \(copy) in slot \(slot) was damaged",
        .problem
      )
    }
  }
}
