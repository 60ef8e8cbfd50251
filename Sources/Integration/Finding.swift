// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What one check has found out.
public struct Finding: Codable, Equatable, Sendable {
  /// How bad it is, the worst last.
  public enum State: String, Codable, Comparable, Sendable {
    case ok, warning, problem

    /// Orders by how bad it is.
    public static func < (a: Self, b: Self) -> Bool {
      a.rank < b.rank
    }

    private var rank: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .problem: 2
      }
    }
  }

  /// What was checked, in a word or two.
  public let check: String
  /// How bad it is.
  public let state: State
  /// What was found.
  public let finding: String
  /// What to do about it; nil where there is nothing to do.
  public let advice: String?

  static func ok(_ check: String, _ finding: String) -> Self {
    Self(check: check, state: .ok, finding: finding, advice: nil)
  }

  static func warning(
    _ check: String,
    _ finding: String,
    _ advice: String
  ) -> Self {
    Self(check: check, state: .warning, finding: finding, advice: advice)
  }

  static func problem(
    _ check: String,
    _ finding: String,
    _ advice: String
  ) -> Self {
    Self(check: check, state: .problem, finding: finding, advice: advice)
  }
}
