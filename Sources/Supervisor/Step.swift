// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// The steps from the first instruction to the distribution's own init.
public enum Step: UInt32, Sendable {
  /// Loading the modules that travel with us.
  case module = 1
  /// Cutting devices without a driver off from memory, where that is wanted.
  case quiesce
  /// Adding some of it to this kernel's own, where that is wanted.
  case plug
  /// Finding frames of the crashed kernel's that nobody will dump.
  case find
  /// Proving that writing to them reaches them and nothing else.
  case route
  /// Watching the frames for a while, where that is wanted.
  case settle
  /// Making the block device.
  case serve
  /// Swapping to it.
  case swapon
  /// Unpacking the distribution's initramfs.
  case unpack
  /// Making scratch space for its tools, where that is wanted.
  case scratch
  /// Executing its init.
  case handover
  /// Saving what there is, where nothing else can be done.
  case rescue

  /// The step's name, as hooks and the console see it.
  public var name: StaticString {
    switch self {
    case .module: "module"
    case .quiesce: "quiesce"
    case .plug: "plug"
    case .find: "find"
    case .route: "route"
    case .settle: "settle"
    case .serve: "serve"
    case .swapon: "swapon"
    case .unpack: "unpack"
    case .scratch: "scratch"
    case .handover: "handover"
    case .rescue: "rescue"
    }
  }
}

/// What a child tells PID 1: eight bytes, a kind and a number.
///
///     0  u32 kind
///     4  u32 number
enum Message: Equatable {
  /// A step begins; the child waits for leave.
  case begin(Step)
  /// Work goes on.
  case progress
  /// The block device is there.
  case ready(DeviceName)

  static let byteCount = 8

  /// The message as it goes through the pipe.
  var words: (kind: UInt32, number: UInt32) {
    switch self {
    case .begin(let step): (1, step.rawValue)
    case .progress: (2, 0)
    case .ready(let device): (3, device.code)
    }
  }

  /// Makes a message of what came out of the pipe; nil for anything else.
  init?(kind: UInt32, number: UInt32) {
    switch kind {
    case 1:
      guard let step = Step(rawValue: number) else { return nil }
      self = .begin(step)
    case 2: self = .progress
    case 3: self = .ready(DeviceName(code: number))
    default: return nil
    }
  }
}
