// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Memory
import Testing

/// The first of the three sentences, judged by makedumpfile: nothing that
/// would be dumped is ever overwritten.
@Suite(.serialized) struct SubsetRuleTests {
  @Test(arguments: [31, 17, 16])
  func noReusableFrameIsInTheDump(level: Int) throws {
    for vmcore in try CapturedVMCore.all() {
      let frames = try vmcore.scan(level: level)
      #expect(!frames.isEmpty, "\(vmcore.name) has no free memory?")
      let dump = try vmcore.dump(level: level)
      #expect(dump.dumpLevel & level == level)
      var reusable: UInt64 = 0
      var dumped: [UInt64] = []
      var missing: [UInt64] = []
      var last: UInt64 = 0
      for run in frames.sorted(by: { $0.start < $1.start }) {
        #expect(run.start.value >= last, "two runs share frames")
        last = run.end.value
        for frame in run.start.value..<run.end.value {
          reusable += 1
          if dump.dumps(FrameNumber(frame)) { dumped.append(frame) }
          if !dump.exists(FrameNumber(frame)) { missing.append(frame) }
        }
      }
      #expect(dumped == [], "\(vmcore.name), level \(level)")
      #expect(missing == [], "\(vmcore.name), level \(level)")
      // A dump without anything in it would agree to everything.
      #expect(dump.dumpedCount > 1000)
      print("\(vmcore.name) -d \(level): \(reusable) frames, none dumped")
    }
  }

  @Test(arguments: [0, 1, 2, 8, 15])
  func aLevelThatDumpsFreePagesLeavesNothing(level: Int) throws {
    for vmcore in try CapturedVMCore.all() {
      #expect(try vmcore.scan(level: level) == [])
    }
  }
}
