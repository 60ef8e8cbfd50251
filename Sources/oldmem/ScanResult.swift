// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import MemoryMap
import PageClasses

/// What `oldmem scan` says; docs/scan-json.md describes it as JSON.
struct ScanResult: Codable {
  struct Class: Codable {
    let name: String
    let frames: UInt64
    let reusable: UInt64
    /// Frames that are not lent, by veto.
    let vetoes: [String: UInt64]
  }

  /// What lending takes, the first step first.
  struct Step: Codable {
    let name: String
    let frames: UInt64
    let runs: Int
    let longestRun: UInt64
  }

  struct FreeLists: Codable {
    /// Whether the frames come from the lists; else from the linear scan.
    let used: Bool
    /// What was wrong with the lists first.
    let fault: String?
    let faults: Int
    /// Whether the linear scan finds the very same frames.
    let agreeWithScan: Bool
    let orders: [FoundFrames.Order]
    let zones: [FoundFrames.Zone]
  }

  let scene: ScanScene
  let frames: UInt64
  let reusable: UInt64
  let classes: [Class]
  let steps: [Step]
  let freeLists: FreeLists
  let plan: ScanPlan.Outcome?

  init(
    scene: ScanScene,
    census: SearchReport,
    seen: FoundFrames,
    search: SearchReport,
    listed: FoundFrames,
    plan: ScanPlan.Outcome?
  ) {
    self.scene = scene
    let tally = census.tally
    frames = tally.total
    reusable = census.frames
    classes = PageClass.allCases.map { pageClass in
      var vetoes: [String: UInt64] = [:]
      for veto in Veto.allCases where tally[pageClass, veto] > 0 {
        vetoes["\(veto.name)"] = tally[pageClass, veto]
      }
      return Class(
        name: "\(pageClass.name)",
        frames: tally[pageClass],
        reusable: tally[pageClass, nil],
        vetoes: vetoes
      )
    }
    let runs = seen.runs
    steps = Self.steps(runs)
    freeLists = FreeLists(
      used: !search.isLinear,
      fault: search.fault?.sentence,
      faults: search.faults,
      agreeWithScan: listed.runs.map(\.frames)
        == runs.filter { $0.pageClass == .free }.map(\.frames),
      orders: listed.orders,
      zones: listed.zones
    )
    self.plan = plan
  }

  private static func steps(_ runs: [FoundFrames.Run]) -> [Step] {
    let names: [(UInt8, String)] = [
      (0, "free memory"), (1, "clean page cache, hugetlb pool"),
      (2, "dirty page cache"), (3, "anonymous memory"),
    ]
    return names.map { preference, name in
      let own = runs.filter { $0.pageClass.preference == preference }
      return Step(
        name: name,
        frames: own.reduce(0) { $0 + $1.frames.count },
        runs: own.count,
        longestRun: own.map(\.frames.count).max() ?? 0
      )
    }
  }

  func json() throws -> String { try encoded(self) }
}

/// `value` as the JSON that all of oldmem's tools print.
func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [
    .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
  ]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
