// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Lab

/// oldmem-lab: crashes real kernels in QEMU and judges what happens.
@main
struct OldmemLab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oldmem-lab",
    abstract: "Crashes real kernels in QEMU and judges what happens.",
    discussion: """
      Example: oldmem-lab run small-crashkernel
      """,
    subcommands: [List.self, Run.self, Demo.self, Minimum.self]
  )

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      guard exitCode(for: error) == .validationFailure else {
        exit(withError: error)
      }
      let text = fullMessage(for: error) + "\n"
      FileHandle.standardError.write(Data(text.utf8))
      // Usage, as all of oldmem's programs have it.
      Foundation.exit(2)
    }
  }
}

/// The subcommand that shows what there is.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the scenarios and their trials.",
    discussion: """
      Example: oldmem-lab list --names
      """
  )

  @Flag(help: "Only the names of the scenarios that must pass.")
  var names = false

  func run() {
    for scenario in Scenario.all {
      guard !names else {
        if scenario.isExperiment { continue }
        Terminal.show(scenario.name)
        continue
      }
      Terminal.show("\(scenario.name): \(scenario.summary)")
      let trials = scenario.trials.map(\.name).joined(separator: " ")
      Terminal.show("  trials: \(trials)")
    }
  }
}

/// The subcommand that crashes machines.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a scenario; the exit status is 0 when all of it passes.",
    discussion: """
      The verdict goes to .build/lab/NAME/result.json, each console to \
      .build/lab/NAME/TRIAL.console.

      Example: oldmem-lab run survive --trial nbd
      """
  )

  @Argument(help: "The scenario.")
  var name: String

  @Option(
    help: "Only this trial, or those whose names contain this; repeatable."
  )
  var trial: [String] = []

  @Option(
    help: """
      6.12, 6.12-full, 6.1, 6.1-full, or a whole release that apt knows; \
      \(KernelName.usual) unless the scenario is about another.
      """
  )
  var kernel: String?

  @Option(help: "The machine's memory, such as 4G.", transform: size)
  var memory: MemorySize?

  @Option(help: "The reservation, such as 92M.", transform: size)
  var crashkernel: MemorySize?

  @Option(help: "How often each trial runs.")
  var repeats: Int?

  @Option(help: "tcg, kvm, or auto: kvm when it boots a kernel here.")
  var accelerator = "auto"

  @Option(help: "The oldmem program that packs two-stage images.")
  var oldmem = "build/bin/oldmem"

  @Flag(help: "Keeps images, disks and snapshots.")
  var keep = false

  @Flag(help: "Shows the console while it is written.")
  var console = false

  func validate() throws {
    guard let scenario = Scenario.named(name) else {
      let names = Scenario.all.map(\.name).joined(separator: ", ")
      throw ValidationError("no scenario is called \(name); there are \(names)")
    }
    for word in trial where matches(word, scenario).isEmpty {
      throw ValidationError("\(name) has no trial like \(word)")
    }
    guard ["auto", "tcg", "kvm"].contains(accelerator) else {
      throw ValidationError("--accelerator is auto, tcg or kvm")
    }
    guard (repeats ?? 1) > 0 else {
      throw ValidationError("--repeats is at least 1")
    }
  }

  func run() throws {
    // A pipe that nobody reads is an error here, not the end.
    signal(SIGPIPE, SIG_IGN)
    guard let scenario = Scenario.named(name) else { return }
    let work = try Workspace()
    let kernel = try KernelPackage.fetch(
      kernel ?? scenario.kernel ?? KernelName.usual,
      work
    )
    let campaign = Campaign(
      scenario: scenario,
      work: work,
      kernel: kernel,
      accelerator: try Accelerator.choose(accelerator, kernel, work),
      packer: oldmem,
      keep: keep,
      console: console
    )
    let trials = chosen(of: scenario).map(adjusted)
    let whole = try campaign.run(trials) { trial, result in
      report(result)
      guard trial.tabulatesMemory else { return }
      let tables = MemoryTables(
        result.facts,
        before: "module",
        after: "unpack"
      )
      for line in tables.lines { Terminal.show("    \(line)") }
    }
    for check in whole.checks {
      Terminal.show(
        "\(check.met ? "pass" : "FAIL") \(name): \(check.expectation)"
      )
    }
    if !whole.passed { throw ExitCode.failure }
  }

  private func chosen(of scenario: Scenario) -> [Trial] {
    guard !trial.isEmpty else { return scenario.trials }
    let names = trial.flatMap { matches($0, scenario) }
    return scenario.trials.filter { names.contains($0.name) }
  }

  private func matches(_ word: String, _ scenario: Scenario) -> [String] {
    let names = scenario.trials.map(\.name)
    return names.contains(word) ? [word] : names.filter { $0.contains(word) }
  }

  private func adjusted(_ trial: Trial) -> Trial {
    var trial = trial
    if let memory { trial.memory = memory }
    if let crashkernel { trial.crashkernel = crashkernel }
    if let repeats { trial.repeats = repeats }
    return trial
  }

  private func report(_ result: TrialResult) {
    for line in result.decisiveLines { Terminal.show("    \(line)") }
    if result.outcome == .early {
      Terminal.show("    the first kernel was lost")
    }
    for check in result.checks where !check.met {
      Terminal.show("    not seen: \(check.expectation)")
    }
    Terminal.show(
      "\(result.passed ? "pass" : "FAIL") \(name)/\(result.trial) "
        + "crashkernel=\(result.crashkernel) memory=\(result.memory) "
        + "\(result.seconds) s"
    )
  }
}

/// A size given as an option.
func size(_ argument: String) throws -> MemorySize {
  guard let size = MemorySize(argument) else {
    throw ValidationError("\(argument) is not a size such as 92M or 2G")
  }
  return size
}
