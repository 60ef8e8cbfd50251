// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

@testable import BlockStore

/// A server that is killed while it writes, and another one that goes on with
/// the same region and frames.
///
/// All that a store knows is in the region, so putting an earlier state of
/// the region and the frames back is what the other one would find.
@Suite struct KilledBetweenStepsTests {
  struct Remains {
    var region: [UInt8]
    var frames: [UInt8]
  }

  /// The states in which the operation could have been left.
  private func remains(
    of operation: (inout StoreBench) throws -> Void,
    on bench: inout StoreBench
  ) throws -> [Remains] {
    var all: [Remains] = []
    let frames = bench.frames
    let region = UnsafeRawBufferPointer(bench.region)
    frames.duringWrite = { _ in
      all.append(Remains(region: Array(region), frames: frames.bytes))
    }
    try operation(&bench)
    frames.duringWrite = nil
    all.append(Remains(region: Array(region), frames: frames.bytes))
    return all
  }

  private func put(_ remains: Remains, into bench: inout StoreBench) throws {
    bench.region.copyBytes(from: remains.region)
    bench.frames.bytes = remains.frames
    try bench.reopen()
  }

  @Test(arguments: 2...4)
  func anOverwriteLeavesTheOldContentOrTheNew(copies: Int) throws {
    var bench = try StoreBench(blocks: 4, copies: copies)
    try bench.write(1, content(1))
    let all = try remains(of: { try $0.write(1, content(2)) }, on: &bench)
    #expect(all.count == copies + 1)
    for (step, remains) in all.enumerated() {
      try put(remains, into: &bench)
      // The first frame half written: the old content. From then on the new.
      #expect(try bench.read(1) == content(step == 0 ? 1 : 2))
      for slot in bench.slots(1)[..<(step == 0 ? 1 : copies)] {
        #expect(bench.frames[slot] == content(step == 0 ? 1 : 2))
      }
    }
  }

  @Test func withOneCopyATornBlockIsNoticedAndTheNextWriteMendsIt() throws {
    var bench = try StoreBench(blocks: 4, copies: 1)
    try bench.write(1, content(1))
    let all = try remains(of: { try $0.write(1, content(2)) }, on: &bench)
    try put(all[0], into: &bench)
    #expect(bench.readRaw(1) == (zeroes, .damaged(BlockNumber(1))))
    try bench.write(1, content(2))
    #expect(try bench.read(1) == content(2))
  }

  @Test(arguments: 1...4)
  func aFirstWriteLeavesTheBlockAbsentOrWhole(copies: Int) throws {
    var bench = try StoreBench(blocks: 4, copies: copies)
    let all = try remains(of: { try $0.write(1, content(1)) }, on: &bench)
    for (step, remains) in all.enumerated() {
      try put(remains, into: &bench)
      // The first frame half written: nothing. From then on all of it.
      #expect(try bench.read(1) == (step == 0 ? zeroes : content(1)))
      #expect(bench.counters.slotsUsed == (step == 0 ? 0 : UInt64(copies)))
    }
  }
}
