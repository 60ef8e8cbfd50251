// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import Supervisor

/// Whoever takes the frames that a search finds, and tells PID 1 meanwhile that
/// it goes on: a machine of terabytes takes longer than silence is borne.
struct Heard<Visitor: FrameVisitor & ~Copyable>: FrameVisitor, ~Copyable {
  var visitor: Visitor
  private let report: StepReport
  private var visits = 0

  init(_ visitor: consuming Visitor, by report: consuming StepReport) {
    self.visitor = visitor
    self.report = report
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    if visits % 256 == 0 { report.progress() }
    visits &+= 1
    return visitor.visit(run)
  }

  mutating func hasEnough() -> Bool {
    report.progress()
    return visitor.hasEnough()
  }

  mutating func startOver() { visitor.startOver() }

  consuming func take() -> Visitor { visitor }
}
