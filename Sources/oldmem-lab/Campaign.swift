// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// A scenario's trials, run one after another, with word of how far they are.
struct Campaign {
  let scenario: Scenario
  let work: Workspace
  let kernel: KernelPackage
  let accelerator: String
  /// The program that packs two-stage images.
  var packer = "build/bin/oldmem"
  /// Whether images, disks and snapshots are left for a look.
  var keep = false
  /// Whether the console is shown while it is written.
  var console = false

  /// Crashes the machine as often as the trial wants; `report` hears of each
  /// result, and result.json has all of them so far.
  func run(
    _ trials: [Trial],
    report: (Trial, TrialResult) -> Void
  ) throws -> ScenarioResult {
    let results = try work.results(scenario.name)
    var done: [TrialResult] = []
    for trial in trials {
      for time in 1...trial.repeats {
        let label = trial.repeats == 1 ? trial.name : "\(trial.name)-\(time)"
        let result = try run(trial, label)
        done.append(result)
        try save(sum(done), in: results)
        report(trial, result)
      }
    }
    return sum(done)
  }

  private func sum(_ results: [TrialResult]) -> ScenarioResult {
    ScenarioResult(
      scenario: scenario.name,
      accelerator: accelerator,
      trials: results,
      medians: scenario.medians
    )
  }

  /// Crashes the machine once.
  func run(_ trial: Trial, _ label: String) throws -> TrialResult {
    let runner = TrialRunner(
      work: work,
      kernel: kernel,
      accelerator: accelerator,
      packer: packer,
      results: try work.results(scenario.name),
      keep: keep
    )
    let title = "\(scenario.name)/\(label)"
    var stage = Stage.starting
    var ticker: Ticker?
    defer { ticker?.finish() }
    return try runner.run(trial, name: label) { event in
      if ticker == nil { ticker = Ticker("\(title): \(stage.words)") }
      switch event {
      case .time: ticker?.tick()
      case .line(let line):
        if console { Terminal.show(line) }
        if stage.advance(on: line) {
          ticker?.say("\(title): \(stage.words)")
        }
      }
    }
  }

  private func save(_ result: ScenarioResult, in folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [
      .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
    ]
    let json = try encoder.encode(result)
    try write(Array(json) + [0x0A], to: folder + "/result.json")
  }
}
