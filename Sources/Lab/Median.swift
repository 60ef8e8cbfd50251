// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What must hold for the median of a trial's repeats: times, which one busy
/// moment of the host may spoil.
public struct Median: Sendable {
  /// The fact, a number.
  public let fact: String
  /// The trial whose repeats count.
  public let trial: String
  /// The largest value that passes.
  public let limit: Double

  /// A limit for a fact.
  public init(of fact: String, in trial: String, atMost limit: Double) {
    self.fact = fact
    self.trial = trial
    self.limit = limit
  }

  /// The median of what the repeats told; nil when one of them told nothing.
  ///
  /// Of an even number the larger of the two in the middle.
  public func value(in results: [TrialResult]) -> Double? {
    let repeats = results.filter {
      $0.trial == trial || $0.trial.hasPrefix(trial + "-")
    }
    let values = repeats.compactMap { $0.facts[fact].flatMap(Double.init) }
    guard !values.isEmpty, values.count == repeats.count else { return nil }
    return values.sorted()[values.count / 2]
  }

  /// The judgement; nil when the trial was not run at all.
  public func check(_ results: [TrialResult]) -> TrialResult.Check? {
    guard
      results.contains(where: {
        $0.trial == trial || $0.trial.hasPrefix(trial + "-")
      })
    else { return nil }
    let value = value(in: results)
    return TrialResult.Check(
      expectation: "the median of \(fact), "
        + "\(value.map { "\($0)" } ?? "unknown"), is at most \(limit)",
      met: value.map { $0 <= limit } ?? false
    )
  }
}
