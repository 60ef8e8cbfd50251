// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses
import SyntheticVMCore
import Testing
import VMCore

/// What a scan says of every frame; one that it names twice is an issue.
struct Judged: FrameVisitor {
  private var judgements: [Judgement?] = []
  /// How many frames have a judgement.
  private(set) var count = 0

  subscript(frame: UInt64) -> Judgement? {
    frame < UInt64(judgements.count) ? judgements[Int(frame)] : nil
  }

  /// The frames that are lent, of one class or of all.
  func lent(_ pageClass: PageClass? = nil) -> Set<UInt64> {
    var lent: Set<UInt64> = []
    for (frame, judgement) in judgements.enumerated() {
      guard let judgement, judgement.veto == nil else { continue }
      guard pageClass == nil || judgement.pageClass == pageClass else {
        continue
      }
      lent.insert(UInt64(frame))
    }
    return lent
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    note(run.frames, Judgement(run.pageClass, nil))
    return true
  }

  mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    #expect(judgement.veto != nil, "kept for no reason")
    note(frames, judgement)
  }

  mutating func startOver() { self = Judged() }

  private mutating func note(_ frames: FrameRange, _ judgement: Judgement) {
    let range = Int(frames.start.value)..<Int(frames.end.value)
    if range.upperBound > judgements.count {
      let missing = range.upperBound - judgements.count
      judgements += [Judgement?](repeating: nil, count: missing)
    }
    for frame in range {
      if judgements[frame] != nil { Issue.record("frame \(frame) twice") }
      judgements[frame] = judgement
    }
    count += range.count
  }
}

extension SyntheticVMCore {
  /// Lets every frame be judged; the tally must be what was said.
  func judge(_ policy: SearchPolicy) throws -> Judged {
    let core = try CoreFile(self)
    let layout = try KernelLayout(core.vmcoreInfo())
    var judged = Judged()
    let report = try FrameSearch.scan(core, layout, policy, &judged)
    #expect(report.tally.total == UInt64(judged.count))
    #expect(report.tally[nil] == UInt64(judged.lent().count))
    return judged
  }
}

extension KernelEra {
  /// Where the time's kernels have the flags that VMCOREINFO lacks.
  var flagLayout: FlagLayout {
    get throws { try FlagLayout(text: flagLayoutText) }
  }

  /// Everything that a dump at level 31 leaves out, by a makedumpfile that
  /// knows all kernels, where the flags are known.
  var policy: SearchPolicy {
    get throws {
      var policy = SearchPolicy.all
      policy.flags = try flagLayout
      return policy
    }
  }
}
