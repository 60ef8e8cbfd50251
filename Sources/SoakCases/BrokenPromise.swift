// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What the store did that it must never do.
public struct BrokenPromise: Error, Equatable, Sendable {
  /// The promise.
  public let text: String
  /// Where it was found broken, in a child that can only leave a number.
  let line: UInt32

  init(_ text: String, line: UInt32 = #line) {
    self.text = text
    self.line = line
  }
}
