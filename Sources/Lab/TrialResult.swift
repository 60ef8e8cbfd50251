// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What result.json says of one crash.
public struct TrialResult: Sendable, Codable {
  /// One expectation and what became of it.
  public struct Check: Sendable, Codable, Equatable {
    /// What was expected, in words.
    public let expectation: String
    /// Whether it was seen.
    public let met: Bool
  }

  /// How a machine ended, in the words of the demo's table.
  public enum Outcome: String, Sendable, Codable {
    /// A dump is there that makedumpfile reads to its end.
    case dumped = "complete dump"
    /// The capture kernel panicked.
    case panicked = "panic, no dump"
    /// The machine had to be stopped.
    case hung = "hangs"
    /// The first kernel was lost before it was brought down: the lab's own
    /// fault, or QEMU's.
    case early = "never crashed"
    /// It stopped by itself, and left no dump.
    case ended = "no dump"
    /// It was not to crash.
    case uncrashed = "no crash"

    init(_ trial: Trial, _ observation: Observation) {
      let panicked = observation.decisiveLines.contains {
        $0.contains("Kernel panic")
      }
      self =
        switch observation {
        case _ where observation.dumpIsComplete: .dumped
        case _ where !trial.crashes && !panicked && !observation.timedOut:
          .uncrashed
        case _ where observation.crashedAt == nil && trial.crashes: .early
        case _ where observation.timedOut: .hung
        case _ where panicked: .panicked
        default: .ended
        }
    }
  }

  /// The trial's name, with its number when it is repeated.
  public let trial: String
  /// The crashed kernel's release.
  public let kernel: String
  /// The machine's memory.
  public let memory: MemorySize
  /// The reservation.
  public let crashkernel: MemorySize
  /// Whether every expectation was met.
  public let passed: Bool
  /// The expectations, in the scenario's order.
  public let checks: [Check]
  /// How it ended.
  public let outcome: Outcome
  /// Seconds of the host's time, from the start to the stop.
  public let seconds: Double
  /// Seconds of the host's time from the panic to the verdict, or to the
  /// stop where there was none.
  public let secondsFromPanic: Double?
  /// What the guest told.
  public let facts: [String: String]
  /// The guest's reason for its verdict.
  public let verdict: String?
  /// The console's lines that matter most.
  public let decisiveLines: [String]
  /// The console log's file name.
  public let console: String

  /// The lines that a demonstration shows: the decisive ones, without what
  /// the lab says for itself.
  public var demonstratedLines: [String] {
    decisiveLines.filter { !$0.contains("lab: verdict") }
  }

  /// Judges an observation.
  public init(
    trial: Trial,
    name: String,
    kernel: String,
    observation: Observation
  ) {
    self.trial = name
    self.kernel = kernel
    memory = trial.memory
    crashkernel = trial.crashkernel
    checks = trial.expectations.map {
      Check(expectation: $0.description, met: $0.isMet(by: observation))
    }
    passed = checks.allSatisfy(\.met)
    outcome = Outcome(trial, observation)
    seconds = (observation.seconds * 10).rounded() / 10
    secondsFromPanic = observation.crashedAt.map {
      let end = observation.verdictAt ?? observation.seconds
      return ((end - $0) * 10).rounded() / 10
    }
    facts = observation.facts
    verdict = observation.verdict.map {
      ($0.passed ? "pass " : "fail ") + $0.reason
    }
    decisiveLines = observation.decisiveLines
    console = "\(name).console"
  }
}

/// result.json.
public struct ScenarioResult: Sendable, Codable {
  /// The scenario's name.
  public let scenario: String
  /// `tcg` or `kvm`.
  public let accelerator: String
  /// Whether every trial passed.
  public let passed: Bool
  /// The trials, in order.
  public let trials: [TrialResult]

  /// What was expected of repeats taken together.
  public let checks: [TrialResult.Check]

  /// Sums up the trials.
  public init(
    scenario: String,
    accelerator: String,
    trials: [TrialResult],
    medians: [Median] = []
  ) {
    self.scenario = scenario
    self.accelerator = accelerator
    self.trials = trials
    let checks = medians.compactMap { $0.check(trials) }
    self.checks = checks
    passed =
      !trials.isEmpty && trials.allSatisfy(\.passed)
      && checks.allSatisfy(\.met)
  }
}
