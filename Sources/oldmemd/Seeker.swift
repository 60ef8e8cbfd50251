// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Hotplug
import Memory
import PageClasses
import Rescue
import Supervisor

/// Whoever takes the frames that a search finds, and tells PID 1 meanwhile that
/// it goes on: a machine of terabytes takes longer than silence is borne.
///
/// One type for all of them, since all of a search is compiled for each.
struct Seeker: FrameVisitor, ~Copyable {
  /// Frames for the store.
  var pool: FramePool?
  /// Frames that become RAM.
  var blocks: BlockFinder?
  /// Frames that are dumped.
  var plan: DumpPlan?
  private let report: StepReport?
  private var visits = 0

  init(_ pool: consuming FramePool, by report: consuming StepReport) {
    self.pool = consume pool
    self.report = consume report
  }

  init(_ blocks: consuming BlockFinder, by report: consuming StepReport) {
    self.blocks = consume blocks
    self.report = consume report
  }

  init(_ plan: DumpPlan) {
    self.plan = plan
    report = nil
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    if visits % 256 == 0 { report?.progress() }
    visits &+= 1
    return pool?.visit(run) ?? blocks?.visit(run) ?? plan?.visit(run) ?? false
  }

  mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    plan?.keep(frames, judgement)
  }

  mutating func hasEnough() -> Bool {
    report?.progress()
    return pool?.hasEnough() ?? false
  }

  mutating func startOver() {
    pool?.startOver()
    blocks?.startOver()
    plan?.startOver()
  }
}
