// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Glibc
import Testing

@testable import Health

/// What a server leaves in shared memory, whenever it dies.
@Suite struct HealthPageTests {
  private func record() throws -> HealthRecord {
    HealthRecord(
      shape: try StoreShape(blocks: 10, copies: 2, slotsPerShelf: 20),
      limits: HealthLimits(),
      server: 7,
      at: 1
    )
  }

  /// Memory for a page, shared with children.
  private func withPage(
    _ body: (borrowing HealthPage, UnsafeMutableRawPointer) throws -> Void
  ) throws {
    let count = HealthPage.byteCount
    let base = try #require(
      mmap(
        nil,
        count,
        PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS,
        -1,
        0
      )
    )
    defer { munmap(base, count) }
    try body(HealthPage(at: base), base)
  }

  /// Takes trouble of every kind until it is failing.
  private func troubled() throws -> HealthRecord {
    var record = try record()
    var counters = StoreCounters.zero
    for step in 0..<40 as Range<UInt64> {
      counters.mismatches += 4
      record.observe(counters, at: (1 + step * 301) << 30)
      record.observe(counters, at: (300 + step * 301) << 30)
    }
    return record
  }

  @Test func theLatestChangesAreKept() throws {
    let record = try troubled()
    #expect(record.changes == 80)
    #expect(record.change(79)?.to == .healthy)
    #expect(record.change(64)?.to == .degraded)
    #expect(record.change(63) == nil)
    #expect(record.change(80) == nil)
  }

  @Test func eachChangeIsSaidOnce() throws {
    var record = try record()
    var counters = StoreCounters.zero
    #expect(record.unsaid == nil)
    counters.mismatches = 4
    record.observe(counters, at: 2)
    counters.lost = 1
    record.observe(counters, at: 3)
    // A server that dies here leaves this to the next one.
    var said: [HealthState] = []
    while let change = record.unsaid {
      said.append(change.to)
      record.markSaid()
    }
    #expect(said == [.degraded, .failing])
    record.markSaid()
    #expect(record.changesSaid == 2)

    var late = try troubled()
    var count = 0
    while late.unsaid != nil {
      late.markSaid()
      count += 1
    }
    #expect(count == 16)
  }

  @Test func whatIsWrittenIsRead() throws {
    try withPage { page, _ in
      #expect(page.read() == nil)
      for number in 1..<10 as Range<Int32> {
        var record = try record()
        record.server = number
        page.write(record)
        #expect(page.read()?.server == number)
      }
    }
  }

  @Test func theActionIsClaimedOnce() throws {
    try withPage { page, _ in
      var said: [Bool] = [page.isActionTaken]
      said += [page.claimAction(), page.isActionTaken, page.claimAction()]
      page.write(try record())
      said.append(page.claimAction())
      #expect(said == [false, true, true, false, false])
    }
  }

  /// The place where the next record would be is torn; the last one stands.
  @Test func aWriterThatDiesLeavesTheLastRecord() throws {
    try withPage { page, base in
      var record = try record()
      for number in 1..<4 as Range<Int32> {
        record.server = number
        page.write(record)
        let stride = MemoryLayout<HealthRecord>.stride
        let next = base + 64 + (Int(number) + 1) % 2 * stride
        memset(next, 0xff, stride / 2)
        #expect(page.read()?.server == number)
      }
    }
  }

  /// A child writes records whose fields all agree, a few at a time as fast as
  /// it can, and is killed at some moment.
  @Test func nobodyReadsHalfARecord() throws {
    try withPage { page, _ in
      page.write(try record())
      let child = fork()
      if child == 0 {
        var record = try record()
        while true {
          record.servers &+= 1
          record.counters.reads = record.servers
          record.counters.slotsUsed = record.servers
          record.time = record.servers
          page.write(record)
          if record.servers % 4 == 0 { usleep(1) }
        }
      }
      var seen: UInt64 = 0
      var torn = 0
      var tries = 0
      while seen < 20_000, tries < 5_000_000 {
        tries += 1
        guard let found = page.read() else { continue }
        if found.servers == 1 { continue }
        if found.counters.reads != found.servers
          || found.counters.slotsUsed != found.servers
          || found.time != found.servers || found.servers < seen
        {
          torn += 1
        }
        seen = found.servers
      }
      kill(child, SIGKILL)
      var status: Int32 = 0
      waitpid(child, &status, 0)
      #expect(torn == 0)
      #expect(seen >= 20_000)
      #expect(page.read() != nil)
    }
  }
}
