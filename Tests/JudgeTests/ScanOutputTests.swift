// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// `oldmem scan --json` is what docs/scan-json.md says, and agrees with itself.
@Suite(.serialized) struct ScanOutputTests {
  private struct Result: Decodable {
    struct Scene: Decodable {
      let release: String
      let dumpLevel: Int
      let flags: String?
      let whyNoFlags: String?
    }
    struct Class: Decodable {
      let name: String
      let frames: UInt64
      let reusable: UInt64
      let vetoes: [String: UInt64]
    }
    struct Step: Decodable {
      let frames: UInt64
      let runs: Int
      let longestRun: UInt64
    }
    struct Part: Decodable {
      let name: String
      let frames: UInt64
    }
    struct Plan: Decodable {
      let size: UInt64
      let copies: UInt64
      let isShort: Bool
      let classes: [Part]
      let nodes: Int
      let isAcrossNodes: Bool
    }
    let scene: Scene
    let frames: UInt64
    let reusable: UInt64
    let classes: [Class]
    let steps: [Step]
    let plan: Plan
  }

  private struct Explanation: Decodable {
    let frame: UInt64
    let pageClass: String
    let veto: String?
    let isReusable: Bool
  }

  private func decode<T: Decodable>(
    _ vmcore: CapturedVMCore,
    _ options: [String]
  ) throws -> T {
    let text = try vmcore.oldmem(["scan", "--json"] + options)
    return try JSONDecoder().decode(T.self, from: Data(text.utf8))
  }

  @Test func theFiguresAddUp() throws {
    for vmcore in try CapturedVMCore.all() {
      let result: Result = try decode(vmcore, ["--size", "32M"])
      #expect(result.scene.dumpLevel == 31 && result.scene.flags != nil)
      #expect(result.classes.reduce(0) { $0 + $1.frames } == result.frames)
      #expect(
        result.classes.reduce(0) { $0 + $1.reusable } == result.reusable
      )
      for item in result.classes {
        let kept = item.vetoes.values.reduce(0, +)
        #expect(item.frames == item.reusable + kept, "\(item.name)")
      }
      #expect(result.steps.reduce(0) { $0 + $1.frames } == result.reusable)
      let plan = result.plan
      #expect(!plan.isShort && plan.copies == 2)
      #expect(
        plan.classes.reduce(0) { $0 + $1.frames } * 4096
          == plan.size * plan.copies
      )
      // Copies go to another node where there is one with that much free.
      #expect(plan.isAcrossNodes == (plan.nodes > 1), "\(vmcore.name)")
    }
  }

  @Test func withoutPageFlagsOnlyFreeMemoryIsLent() throws {
    let vmcore = try #require(CapturedVMCore.all().first)
    let damaged = try vmcore.withoutSymbols()
    let result: Result = try decode(damaged, [])
    #expect(result.scene.flags == nil && result.scene.whyNoFlags != nil)
    for item in result.classes where item.reusable > 0 {
      #expect(item.name == "free")
    }
    #expect(result.reusable > 0)
  }

  /// A frame by itself is judged as among all.
  @Test func explainAgreesWithTheLists() throws {
    let vmcore = try #require(CapturedVMCore.withFacts().first)
    let scan = try vmcore.scan(level: 31)
    let stride = scan.kept.count / 12 + 1
    for index in Swift.stride(from: 0, to: scan.kept.count, by: stride) {
      let run = scan.kept[index]
      let frame = run.start + run.count / 2
      let account: Explanation = try decode(vmcore, ["--explain", "\(frame)"])
      #expect(account.frame == frame && !account.isReusable)
      #expect("\(account.pageClass) \(account.veto ?? "")" == run.words)
    }
    let lent = try #require(scan.reusable.last)
    let account: Explanation = try decode(
      vmcore,
      ["--explain", "\(lent.start)"]
    )
    #expect(account.isReusable && account.pageClass == lent.words)
  }
}
