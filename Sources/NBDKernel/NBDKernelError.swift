// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Why the kernel does not have our device, or no longer.
public enum NBDKernelError: Error, Equatable, Sendable {
  /// There is no nbd driver.
  case noDriver(Errno)
  /// No socket could be made.
  case noSocket(Errno)
  /// The driver refused this step.
  case refused(Step, Errno)

  /// What was being asked of the driver.
  public enum Step: Equatable, Sendable {
    /// NBD_CMD_CONNECT, or the ioctls that do the same.
    case connect
    /// NBD_CMD_RECONFIGURE: another socket for a device whose own is dead.
    case reconnect
    /// NBD_CMD_DISCONNECT.
    case disconnect
  }

  /// The error as a sentence.
  public var sentence: Line {
    switch self {
    case .noDriver(let errno):
      "nbd: there is no driver: \(errno); is the module nbd loaded?"
    case .noSocket(let errno): "nbd: no socket: \(errno)"
    case .refused(let step, let errno):
      "nbd: the driver refused to \(step.name): \(errno)"
    }
  }
}

extension NBDKernelError.Step {
  var name: StaticString {
    switch self {
    case .connect: "connect"
    case .reconnect: "reconnect"
    case .disconnect: "disconnect"
    }
  }
}
