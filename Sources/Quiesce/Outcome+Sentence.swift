// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

extension Quiesce.Outcome {
  /// What became of the function, in words; nil where nobody need hear of it.
  public var sentence: Line? {
    switch self {
    case .cutOff: "without a driver: bus mastering is off now"
    case .unchanged: "without a driver: bus mastering stays on"
    case .refused(let errno):
      "without a driver: bus mastering stays on: \(errno)"
    case .unreadable(let errno): "cannot be looked at: \(errno)"
    case .leftAlone(.users(let count)):
      "without a driver: left alone, it is in use (enabled \(count) times)"
    case .leftAlone(.display): "a display: left alone"
    case .leftAlone: nil
    }
  }
}

extension Quiesce.Summary {
  /// The whole in a line.
  public var sentence: Line {
    """
    \(cutOff) PCI functions were cut off from memory, \(failed) could not be, \
    \(leftAlone) were left alone
    """
  }
}
