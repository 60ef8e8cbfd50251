// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
public import Health
public import Linux

// A sample is an array of JSON in a line of its own, with this in it, as far as
// it is known; docs/record-json.md has the same:
//
//     seconds since the kernel started, free memory in KiB, swap in use in KiB
//
// and, once there is a store, the state (0 is healthy, 1 degraded, 2 failing),
// then frames: used, out of use, damaged so far; then reads lost, writes
// refused, blocks read, blocks written.

/// How a store did over time, in a file of a file system in memory, which is
/// still there when whoever served it is not.
///
/// The file grows by 60 lines in the first minute, in the next two, in the next
/// four, and so on: by 660 lines, some 50 KiB, in a day.
public struct Recorder: ~Copyable {
  private static let round: UInt32 = 60

  private let file: Descriptor?
  private var taken: UInt32 = 0
  private var interval: UInt64 = 1_000_000_000
  private var due: UInt64 = 0

  /// Makes the file, or goes on at its end; without one nothing is recorded.
  public init(_ path: Path?) {
    file = path.flatMap { try? Descriptor($0, .append(mode: 0o600)) }
  }

  /// Takes a sample if one is due; to be called about once a second.
  public mutating func look(
    _ page: borrowing HealthPage,
    at now: UInt64 = Clock.nanoseconds()
  ) {
    guard now >= due else { return }
    due = now &+ interval
    taken &+= 1
    if taken == Self.round {
      taken = 0
      interval &*= 2
    }
    let memory = Kernel.memory
    var line: Line = "["
    line.append(line: seconds(now))
    line.append(number: memory.free >> 10)
    line.append(number: memory.swapped >> 10)
    if let record = page.read() {
      line.append(number: UInt64(record.health.state.rawValue))
      line.append(number: record.counters.slotsUsed)
      line.append(number: record.counters.quarantined)
      line.append(number: record.health.figures.damaged)
      line.append(number: record.counters.lost)
      line.append(number: record.counters.refused)
      line.append(number: record.counters.reads)
      line.append(number: record.counters.writes)
    }
    line.append("]\n")
    // What cannot be written is not recorded; nothing else hangs on it.
    switch file {
    case .some(let file): try? file.write(line.raw)
    case nil: break
    }
  }
}

extension Line {
  @inline(never)
  fileprivate mutating func append(number: UInt64) {
    append(byte: 0x2c)
    append(decimal: number)
  }
}
