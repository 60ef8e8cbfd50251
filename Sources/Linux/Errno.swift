// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// The number that a failed system call leaves behind.
public struct Errno: Error, Equatable, Sendable {
  /// The kernel's positive error number.
  public let code: Int32
}
