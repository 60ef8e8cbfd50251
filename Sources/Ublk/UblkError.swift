// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Why there is no ublk device, or no longer.
public enum UblkError: Error, Equatable, Sendable {
  /// /dev/ublk-control cannot be opened: no driver, or not allowed.
  case noDriver(Errno)
  /// io_uring is not to be had in this kernel.
  case noRing(Errno)
  /// Memory for the I/O buffers is not to be had.
  case noMemory(Errno)
  /// The driver refused this step.
  case refused(Step, Errno)
  /// /dev/ublkcN did not appear or cannot be opened.
  case noCharacterDevice(UInt32, Errno)

  /// What was being asked of the driver.
  public enum Step: Equatable, Sendable {
    /// ADD_DEV.
    case addDevice
    /// SET_PARAMS.
    case setParameters
    /// START_DEV.
    case startDevice
    /// START_USER_RECOVERY.
    case startRecovery
    /// END_USER_RECOVERY.
    case endRecovery
    /// FETCH_REQ.
    case fetch
    /// STOP_DEV.
    case stopDevice
    /// DEL_DEV.
    case deleteDevice
    /// Waiting for requests.
    case serve
  }

  /// The error as a sentence.
  public var sentence: Line {
    switch self {
    case .noDriver(let errno):
      """
      ublk: /dev/ublk-control cannot be opened: \(errno); is the module \
      ublk_drv loaded?
      """
    case .noRing(let errno): "ublk: no io_uring: \(errno)"
    case .noMemory(let errno): "ublk: no memory for I/O buffers: \(errno)"
    case .refused(let step, let errno):
      "ublk: \(step.name) was refused: \(errno)"
    case .noCharacterDevice(let device, let errno):
      "ublk: /dev/ublkc\(device) cannot be used: \(errno)"
    }
  }
}

extension UblkError.Step {
  var name: StaticString {
    switch self {
    case .addDevice: "ADD_DEV"
    case .setParameters: "SET_PARAMS"
    case .startDevice: "START_DEV"
    case .startRecovery: "START_USER_RECOVERY"
    case .endRecovery: "END_USER_RECOVERY"
    case .fetch: "FETCH_REQ"
    case .stopDevice: "STOP_DEV"
    case .deleteDevice: "DEL_DEV"
    case .serve: "waiting for requests"
    }
  }
}
