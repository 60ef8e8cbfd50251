// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The smallest reservations that were found.
public struct MinimumTable: Sendable, Codable, Equatable {
  /// One crash on the way.
  public struct Crash: Sendable, Codable, Equatable {
    /// The reservation.
    public let crashkernel: MemorySize
    /// Whether Debian booted first.
    public let isWhole: Bool
    /// How it ended, in the words of `TrialResult.Outcome`.
    public let outcome: String
    /// Seconds of the host's time from the panic to the end.
    public let seconds: Double?
    /// Seconds of QEMU's processor time in between.
    public let processorSeconds: Double?

    /// A crash.
    public init(
      crashkernel: MemorySize,
      isWhole: Bool,
      outcome: String,
      seconds: Double?,
      processorSeconds: Double?
    ) {
      self.crashkernel = crashkernel
      self.isWhole = isWhole
      self.outcome = outcome
      self.seconds = seconds
      self.processorSeconds = processorSeconds
    }
  }

  /// What takes part, beside the stack.
  public enum Use: String, Sendable, Codable, CaseIterable {
    /// Nothing does.
    case stock
    /// oldmem, as its package installs it.
    case oldmem
    /// The same, and oldmem-hold is enabled.
    case hold

    fileprivate var title: String {
      switch self {
      case .stock: "stock"
      case .oldmem: "with oldmem"
      case .hold: "and oldmem-hold"
      }
    }
  }

  /// What was found for one stack and target, with oldmem or without.
  public struct Row: Sendable, Codable, Equatable {
    /// The stack, as `DebianGuest.Stack` spells it.
    public let stack: String
    /// The target, likewise.
    public let target: String
    /// What took part.
    public private(set) var use: Use
    /// The kernel's release.
    public let kernel: String
    /// The machine's memory.
    public let memory: MemorySize
    /// The smallest reservation; nil when none stood.
    public let minimum: MemorySize?
    /// How often it had to stand.
    public let times: Int
    /// All crashes, in order.
    public let crashes: [Crash]

    /// A row.
    public init(
      stack: String,
      target: String,
      use: Use,
      kernel: String,
      memory: MemorySize,
      minimum: MemorySize?,
      times: Int,
      crashes: [Crash]
    ) {
      self.stack = stack
      self.target = target
      self.use = use
      self.kernel = kernel
      self.memory = memory
      self.minimum = minimum
      self.times = times
      self.crashes = crashes
    }

    /// The crashes that ended in a dump at the minimum: the whole ones, where
    /// there are any.
    private var dumps: [Crash] {
      let dumps = crashes.filter {
        $0.crashkernel == minimum
          && $0.outcome == TrialResult.Outcome.dumped.rawValue
      }
      let whole = dumps.filter(\.isWhole)
      return whole.isEmpty ? dumps : whole
    }

    /// Whether it stood as often as it had to, in whole crashes.
    var isWhole: Bool { dumps.count(where: \.isWhole) >= times }

    /// Median of their processor time, from the panic to the end.
    public var processorSeconds: Double? {
      let times = dumps.compactMap(\.processorSeconds).sorted()
      return times.isEmpty ? nil : times[times.count / 2]
    }

    fileprivate func isSameQuestion(as other: Row) -> Bool {
      stack == other.stack && target == other.target && use == other.use
        && kernel == other.kernel && memory == other.memory
    }
  }

  /// The rows, in the order of the first answer to each question.
  public private(set) var rows: [Row] = []

  /// An empty table.
  public init() {}

  /// Adds a row, in the place of an older answer to the same question.
  public mutating func add(_ row: Row) {
    if let index = rows.firstIndex(where: row.isSameQuestion) {
      rows[index] = row
    } else {
      rows.append(row)
    }
  }

  /// The table as Markdown: a line for each stack and target.
  public var markdown: String {
    let titles = Use.allCases.map { " \($0.title) |" }.joined()
    var lines = [
      "| kernel, memory | stack | target |" + titles,
      "|---|---|---|--:|--:|--:|",
    ]
    var seen: [Row] = []
    for row in rows {
      guard
        !seen.contains(where: {
          $0.isSameQuestion(as: row.with($0.use))
        })
      else { continue }
      seen.append(row)
      let cells = Use.allCases.map { use in
        let known = rows.first { $0.isSameQuestion(as: row.with(use)) }
        return " \(known?.cell ?? "-") |"
      }
      lines.append(
        "| \(row.kernel), \(row.memory) | \(row.stack) | \(row.target) |"
          + cells.joined()
      )
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension MinimumTable.Row {
  fileprivate func with(_ use: MinimumTable.Use) -> Self {
    var row = self
    row.use = use
    return row
  }

  fileprivate var cell: String {
    guard let minimum else { return "none" }
    let words = isWhole ? "\(minimum)" : "\(minimum) (short)"
    return processorSeconds.map { "\(words), \(Int($0.rounded())) s" } ?? words
  }
}
