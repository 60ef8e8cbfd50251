// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Where what is saved goes: a console, a file, a socket, memory of a test.
public protocol ByteSink: ~Copyable {
  /// Takes all of `bytes`; false where it did not, and then wants no more.
  mutating func write(_ bytes: RawSpan) -> Bool
}
