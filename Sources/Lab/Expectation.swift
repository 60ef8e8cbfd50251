// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What must be seen when a machine has stopped.
public enum Expectation: Sendable, Equatable, CustomStringConvertible {
  /// The guest's own verdict is `pass`.
  case passes
  /// The machine stopped by itself within the limit.
  case ends
  /// The machine stopped by itself so soon after the guest's last verdict.
  case endsAfterVerdict(seconds: Double)
  /// The console has a line that contains this text.
  case console(String)
  /// The console has a line that contains both texts, in this order.
  case line(String, String)
  /// The console has no such line.
  case silence(String)
  /// The guest told exactly this.
  case fact(String, String)
  /// The guest told this, as a number no larger than that.
  case atMost(fact: String, Double)
  /// The guest told this, as a number no smaller than that.
  case atLeast(fact: String, Double)
  /// Both facts were told, and are the same.
  case same(fact: String, as: String)
  /// The guest counted so many pages of that kind, as `workload-KIND`, or it
  /// told `missing-KIND`, since its kernel has none.
  case pages(kind: String, Double)
  /// A dump is on the disk `crash`, and makedumpfile on the host reads all
  /// of it; or there is none.
  case dump(Bool)

  /// What is expected, in words.
  public var description: String {
    switch self {
    case .passes: "the guest's verdict is pass"
    case .ends: "the machine stops by itself in time"
    case .endsAfterVerdict(let seconds):
      "the machine stops within \(seconds) s of the verdict"
    case .console(let text): "the console says \"\(text)\""
    case .line(let head, let tail):
      "a line of the console says \"\(head)...\(tail)\""
    case .silence(let text): "the console never says \"\(text)\""
    case .fact(let key, let value): "\(key) is \(value)"
    case .atMost(let fact, let limit): "\(fact) is at most \(limit)"
    case .atLeast(let fact, let limit): "\(fact) is at least \(limit)"
    case .same(let fact, let other): "\(fact) is \(other)"
    case .pages(let kind, let limit):
      "pages of kind \(kind) are at least \(limit), or this kernel has none"
    case .dump(true): "a complete dump is on the disk"
    case .dump(false): "no complete dump is on the disk"
    }
  }

  /// Whether `observation` shows it.
  public func isMet(by observation: Observation) -> Bool {
    switch self {
    case .passes: observation.verdict?.passed == true
    case .ends: !observation.timedOut
    case .endsAfterVerdict(let limit):
      !observation.timedOut
        && observation.verdictAt.map { observation.seconds - $0 <= limit }
          ?? false
    case .console(let text):
      observation.console.contains { $0.contains(text) }
    case .line(let head, let tail):
      observation.console.contains { line in
        guard let start = line.firstRange(of: head) else { return false }
        return line[start.upperBound...].contains(tail)
      }
    case .silence(let text):
      !observation.console.contains { $0.contains(text) }
    case .fact(let key, let value): observation.facts[key] == value
    case .atMost(let fact, let limit):
      observation.facts[fact].flatMap(Double.init).map { $0 <= limit } ?? false
    case .atLeast(let fact, let limit):
      observation.facts[fact].flatMap(Double.init).map { $0 >= limit } ?? false
    case .same(let fact, let other):
      observation.facts[fact].map { $0 == observation.facts[other] } ?? false
    case .pages(let kind, let limit):
      observation.facts["missing-\(kind)"] != nil
        || Expectation.atLeast(fact: "workload-\(kind)", limit)
          .isMet(by: observation)
    case .dump(let wanted): observation.dumpIsComplete == wanted
    }
  }
}

/// What the host saw of one machine, from start to stop.
public struct Observation: Sendable {
  /// A guest's verdict.
  public struct Verdict: Sendable, Equatable {
    /// Whether it passed.
    public let passed: Bool
    /// Why.
    public let reason: String
  }

  /// The console's lines, in order.
  public var console: [String] = []
  /// What the guest told, the last value of each key.
  public var facts: [String: String] = [:]
  /// The guest's last verdict.
  public var verdict: Verdict?
  /// When the verdict came, in seconds of the host's time from the start.
  public var verdictAt: Double?
  /// When the first kernel was brought down, likewise.
  public var crashedAt: Double?
  /// Processor time that QEMU had used by then, in seconds.
  public var processorSecondsAtCrash: Double?
  /// The same shortly before the end.
  public var processorSeconds: Double?
  /// Whether the machine had to be stopped.
  public var timedOut = false
  /// Seconds of the host's time.
  public var seconds = 0.0
  /// Whether a dump was found that a foreign tool reads to its end.
  public var dumpIsComplete = false

  /// Nothing seen yet.
  public init() {}

  /// Takes a message, other than a wish for a snapshot, into account.
  public mutating func note(_ message: GuestMessage) {
    switch message {
    case .fact(let key, let value): facts[key] = value
    case .verdict(let passed, let reason):
      verdict = Verdict(passed: passed, reason: reason)
    case .snapshot, .damage, .balloon, .other: break
    }
  }

  /// The console's lines that people want to see first: panics, what was
  /// killed, what oldmem and the lab said.
  public var decisiveLines: [String] {
    let signs = [
      "Kernel panic", "Out of memory", "deadlocked on memory", "oldmem:",
      "lab: verdict", "Initramfs unpacking failed", "Attempted to kill init",
      "makedumpfile starts", "dumpfile is saved",
    ]
    return console.filter { line in
      // The panic that the scenario caused itself decides nothing.
      !line.contains(Stage.panicOfTheFirst)
        && signs.contains { line.contains($0) }
    }
  }
}
