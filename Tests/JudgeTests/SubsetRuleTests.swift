// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Memory
import Testing

/// The first of the three sentences, judged by makedumpfile: nothing that
/// would be dumped is ever overwritten.
///
/// MAKEDUMPFILE in the environment names another one than the installed.
@Suite(.serialized) struct SubsetRuleTests {
  @Test(arguments: [31, 17, 16, 30, 8, 4, 2])
  func noReusableFrameIsInTheDump(level: Int) throws {
    for vmcore in try CapturedVMCore.all() {
      let scan = try vmcore.scan(level: level)
      #expect(!scan.reusable.isEmpty, "\(vmcore.name) has nothing to lend?")
      let dump = try vmcore.dump(level: level)
      #expect(dump.dumpLevel & level == level)
      var dumped: [UInt64] = []
      var missing: [UInt64] = []
      var last: UInt64 = 0
      for run in scan.reusable {
        #expect(run.start >= last, "two runs share frames")
        last = run.start + run.count
        for frame in run.start..<last {
          if dump.dumps(FrameNumber(frame)) { dumped.append(frame) }
          if !dump.exists(FrameNumber(frame)) { missing.append(frame) }
        }
      }
      #expect(dumped == [], "\(vmcore.name), level \(level)")
      #expect(missing == [], "\(vmcore.name), level \(level)")
      // A dump without anything in it would agree to everything.
      #expect(dump.dumpedCount > 1000)
    }
  }

  @Test(arguments: [0, 1])
  func aLevelThatLeavesNoClassOutLeavesNothing(level: Int) throws {
    for vmcore in try CapturedVMCore.all() {
      #expect(try vmcore.scan(level: level).reusable.isEmpty)
    }
  }

  /// Without zero pages, which are left out for what is in them, everything
  /// that makedumpfile leaves out is lent, or kept for a reason that is not
  /// the dump's.
  @Test(arguments: [30, 16])
  func whatIsLeftOutIsLentOrHasItsVeto(level: Int) throws {
    for vmcore in try CapturedVMCore.all() {
      let scan = try vmcore.scan(level: level)
      let dump = try vmcore.dump(level: level)
      func excluded(_ run: CapturedVMCore.Run) -> Int {
        (run.start..<run.start + run.count).count {
          dump.exists(FrameNumber($0)) && !dump.dumps(FrameNumber($0))
        }
      }
      let lent = scan.reusable.reduce(0) { $0 + excluded($1) }
      var vetoes: [String: Int] = [:]
      for run in scan.kept { vetoes[run.words, default: 0] += excluded(run) }
      // makedumpfile before 1.7.3 takes a slab for anonymous memory where a
      // word of it has bit 0 set (Linux 6.2 and later; its commit 5f17bdd),
      // and loses it. Its mistake is no leave to lend.
      let unexplained = vetoes.filter {
        $0.value > 0 && $0.key != "slab dump-level"
          && ($0.key.hasSuffix("dump-level") || $0.key.hasSuffix(" dirty"))
      }
      #expect(unexplained == [:], "\(vmcore.name), level \(level)")
      let kept = vetoes.values.reduce(0, +)
      #expect(lent + kept == dump.excludedCount)
      let list = vetoes.filter { $0.value > 0 }.sorted { $0.value > $1.value }
        .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      print(
        "\(vmcore.name) -d \(level): of \(lent + kept) frames left out "
          + "\(lent * 1000 / max(1, lent + kept)) per mille are lent; "
          + "kept: \(list)"
      )
    }
  }
}
