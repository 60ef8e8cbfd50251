// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Health
import Linux

@testable import Status

/// Everything in it is different, so that nothing can be mistaken.
enum Sample {
  static func record(
    lost: UInt64 = 0,
    damaged: UInt64 = 0,
    action: Bool = false
  ) throws -> HealthRecord {
    let shape = try StoreShape(blocks: 65_536, copies: 2, slotsPerShelf: 70_000)
    var record = HealthRecord(
      shape: shape,
      limits: HealthLimits(),
      server: 93,
      at: 1_500_000_000
    )
    record.device = 3
    record.servers = 2
    var counters = StoreCounters.zero
    counters.reads = 1001
    counters.writes = 1002
    counters.discards = 1003
    counters.zeroes = 1004
    counters.repaired = 1006
    counters.eventsMissed = 1007
    counters.quarantined = 1008
    counters.slotsUsed = 1009
    counters.relocated = 1010
    counters.metadataRepaired = 1011
    counters.scrubbed = 1013
    counters.passes = 1014
    record.observe(counters, at: 2_000_000_000)
    counters.mismatches = damaged
    counters.lost = lost
    record.health.note(slot: 17, at: 12_345_678_901)
    record.observe(counters, at: 12_345_678_901)
    return record
  }

  static func status(lost: UInt64 = 0, damaged: UInt64 = 5) throws -> Status {
    Status(
      try record(lost: lost, damaged: damaged),
      action: .waiting,
      witness: 94,
      now: 13_345_678_901
    )
  }

  static func text(_ write: (LineSink) -> Void) -> String {
    var bytes: [UInt8] = []
    write { line in
      for index in line.text.indices { bytes.append(line.text[index]) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
