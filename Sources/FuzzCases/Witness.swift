// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import PageClasses
internal import VMCore

/// A promise that was broken, in words.
struct BrokenPromise: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

/// Hears all that a search or a scan says, and knows what must hold for it.
struct Witness: FrameVisitor {
  private(set) var lent: [(frames: FrameRange, pageClass: PageClass)] = []
  private var kept: [(frames: FrameRange, judgement: Judgement)] = []

  mutating func visit(_ run: ReusableRun) -> Bool {
    lent.append((run.frames, run.pageClass))
    return true
  }

  mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    kept.append((frames, judgement))
  }

  mutating func startOver() { self = Witness() }

  /// What was said of `frame`; nil for nothing.
  func judgement(of frame: FrameNumber) -> Judgement? {
    for (frames, pageClass) in lent where frames.contains(frame) {
      return Judgement(pageClass, nil)
    }
    for (frames, judgement) in kept where frames.contains(frame) {
      return judgement
    }
    return nil
  }

  /// The runs that are lent, in order; throws where one may not be.
  func checkLent(
    _ loads: LoadTable,
    _ policy: SearchPolicy,
    _ report: SearchReport
  ) throws(BrokenPromise) -> [FrameRange] {
    var end = FrameNumber(4096)
    let order = lent.sorted { $0.frames.start < $1.frames.start }
    for (run, pageClass) in order {
      let place = "frame \(run.start.value), \(pageClass)"
      guard !run.isEmpty else { throw BrokenPromise(place + ": empty run") }
      guard run.start >= end else {
        throw BrokenPromise(place + ": lent twice, or too low")
      }
      guard let covered = loads.frames(from: run.start),
        covered.start == run.start, covered.end >= run.end
      else { throw BrokenPromise(place + ": not in the file") }
      guard policy.dumpLevel.leavesOut(pageClass) else {
        throw BrokenPromise(place + ": would be dumped")
      }
      guard policy.classes.contains(pageClass) else {
        throw BrokenPromise(place + ": not asked for")
      }
      guard pageClass == .free || policy.flags != nil else {
        throw BrokenPromise(place + ": flags are not known")
      }
      for own in policy.excluded where own.overlaps(run) {
        throw BrokenPromise(place + ": excluded")
      }
      end = run.end
    }
    let frames = lent.reduce(0) { $0 + $1.frames.count }
    guard report.frames == frames, report.runs == UInt64(lent.count) else {
      throw BrokenPromise("the report counts other frames than were lent")
    }
    return order.map(\.frames)
  }

  /// Whether each frame of the file is lent or kept, one of both and once,
  /// and the tally is what was said.
  func checkAll(
    _ loads: LoadTable,
    _ report: SearchReport
  ) throws(BrokenPromise) {
    var all = lent.map(\.frames) + kept.map(\.frames)
    all.sort { $0.start < $1.start }
    var position = FrameNumber(0)
    for run in all {
      guard run.start >= position else {
        throw BrokenPromise("frame \(run.start.value): judged twice")
      }
      if let missed = loads.frames(from: position), missed.start < run.start {
        throw BrokenPromise("frame \(missed.start.value): not judged")
      }
      position = run.end
    }
    if let missed = loads.frames(from: position) {
      throw BrokenPromise("frame \(missed.start.value): not judged")
    }
    try checkTally(report.tally)
  }

  private func checkTally(_ tally: Tally) throws(BrokenPromise) {
    let vetoes = Veto.allCases.count + 1
    var counts = [UInt64](
      repeating: 0,
      count: PageClass.allCases.count * vetoes
    )
    func place(_ pageClass: PageClass, _ veto: Veto?) -> Int {
      Int(pageClass.rawValue) * vetoes
        + (veto.map { Int($0.rawValue) + 1 } ?? 0)
    }
    for (run, pageClass) in lent { counts[place(pageClass, nil)] += run.count }
    for (run, judgement) in kept {
      guard let veto = judgement.veto else {
        throw BrokenPromise("frame \(run.start.value): kept for no reason")
      }
      counts[place(judgement.pageClass, veto)] &+= run.count
    }
    for pageClass in PageClass.allCases {
      for veto in [nil] + Veto.allCases.map(Optional.some) {
        guard tally[pageClass, veto] == counts[place(pageClass, veto)] else {
          throw BrokenPromise("the tally of \(pageClass) is wrong")
        }
      }
    }
  }
}
