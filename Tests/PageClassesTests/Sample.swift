// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// Pages in one state, and what must be said of each of them.
struct Sample: Sendable {
  let name: String
  let state: PageState
  let frames: UInt64
  private(set) var pageClass: PageClass
  /// nil for pages that are lent.
  private(set) var veto: Veto?

  /// Three pages of that state.
  init(
    _ name: String,
    _ state: PageState,
    _ pageClass: PageClass,
    _ veto: Veto? = nil
  ) {
    self.name = name
    self.state = state
    frames = 3
    self.pageClass = pageClass
    self.veto = veto
  }

  /// Two folios of that sort, side by side.
  init(
    _ name: String,
    _ folio: Folio,
    _ pageClass: PageClass,
    _ veto: Veto? = nil
  ) {
    self.name = name
    state = .folio(folio)
    frames = 2 * UInt64(folio.count)
    self.pageClass = pageClass
    self.veto = veto
  }

  /// The same pages, of which something else must be said.
  func with(_ pageClass: PageClass, _ veto: Veto?) -> Sample {
    var sample = self
    sample.pageClass = pageClass
    sample.veto = veto
    return sample
  }

  /// Lays samples out on a machine of that time, each where it is aligned,
  /// with free memory between them.
  static func lay(
    _ samples: [Sample],
    _ era: KernelEra
  ) -> (vmcore: SyntheticVMCore, starts: [UInt64]) {
    var machine = SyntheticMachine()
    machine.era = era
    var frame: UInt64 = 0x4000
    var starts: [UInt64] = []
    for sample in samples {
      // Folios are aligned to their size.
      let size = max(512, sample.frames)
      frame = (frame + size - 1) / size * size
      machine.contents.append(.init(frame, sample.frames, sample.state))
      starts.append(frame)
      frame += size
    }
    let end = (max(frame, 0x8000) + 0x7fff) / 0x8000 * 0x8000
    machine.memory = [.init(0x1000..<0x9_f000), .init(0x10_0000..<end << 12)]
    return (machine.build(), starts)
  }

  /// Lets all samples be judged, and compares.
  static func expect(
    _ samples: [Sample],
    _ era: KernelEra,
    _ policy: SearchPolicy
  ) throws {
    let (vmcore, starts) = lay(samples, era)
    let judged = try vmcore.judge(policy)
    for (sample, start) in zip(samples, starts) {
      let wanted = Judgement(sample.pageClass, sample.veto)
      for frame in start..<start + sample.frames
      where judged[frame] != wanted {
        Issue.record(
          """
          \(era), \(sample.name), page \(frame - start): \
          \(describe(judged[frame])) instead of \(describe(wanted))
          """
        )
        break
      }
    }
    // All the rest of what is lent is free.
    let free = vmcore.describedFree.runs.flatMap { Array($0) }
    #expect(judged.lent(.free) == Set(free))
  }

  private static func describe(_ judgement: Judgement?) -> String {
    guard let judgement else { return "nothing" }
    return "\(judgement.pageClass), \(judgement.veto.map { "\($0)" } ?? "lent")"
  }
}

extension Folio {
  /// The folio with something changed.
  func with(_ change: (inout Folio) -> Void) -> Folio {
    var folio = self
    change(&folio)
    return folio
  }

  /// The folio with these flags beside those of its kind.
  func with(_ flags: PageFlag...) -> Folio { with { $0.flags += flags } }
}
