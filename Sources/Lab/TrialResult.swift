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
  /// Seconds of the host's time.
  public let seconds: Double
  /// What the guest told.
  public let facts: [String: String]
  /// The guest's reason for its verdict.
  public let verdict: String?
  /// The console's lines that matter most.
  public let decisiveLines: [String]
  /// The console log's file name.
  public let console: String

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
    seconds = (observation.seconds * 10).rounded() / 10
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

  /// Sums up the trials.
  public init(scenario: String, accelerator: String, trials: [TrialResult]) {
    self.scenario = scenario
    self.accelerator = accelerator
    self.trials = trials
    passed = !trials.isEmpty && trials.allSatisfy(\.passed)
  }
}
