// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// Why old memory does not become RAM.
public enum HotplugError: Error, Sendable {
  /// There is no /dev/oldmem: the module is not loaded.
  case noDevice(Errno)
  /// The device does not answer as version 1 of the module does.
  case noAnswer(Errno)
  /// The kernel says that its memory blocks are of a size that none has.
  case strangeBlocks(frames: UInt64)
  /// No block is worth adding.
  case refused(BlockRefusal)
  /// The kernel cannot be told what to do with blocks that are added.
  case policy(Errno)
  /// A frame cannot be read or written.
  case transfer(FrameNumber, Errno)
  /// The device and /proc/vmcore do not show the same of a frame.
  case unproven(FrameNumber)
  /// A frame changed by itself while it was watched.
  case changed(FrameNumber)
  /// The kernel does not take this block.
  case notAdded(FrameNumber, Errno)

  /// The reason in words.
  public var sentence: Line {
    switch self {
    case .noDevice(let errno): "no /dev/oldmem: \(errno)"
    case .noAnswer(let errno): "/dev/oldmem does not answer: \(errno)"
    case .strangeBlocks(let frames): "memory blocks of \(frames) frames"
    case .refused(.noBlock(let frames)):
      "no memory block of \(frames >> 8) MiB is all old memory"
    case .refused(.tooDear(let cost)):
      "a block's struct pages, \(cost) frames, are too much of what is free"
    case .refused(.notWorthIt(let best, let cost)):
      "the best block would give \(best) frames and cost \(cost)"
    case .policy(let errno): "\(OnlinePolicy.path): \(errno)"
    case .transfer(let frame, let errno):
      "frame \(hex: frame.value): \(errno)"
    case .unproven(let frame):
      "frame \(hex: frame.value) is not what /proc/vmcore shows"
    case .changed(let frame):
      "frame \(hex: frame.value) changed by itself: a device still writes"
    case .notAdded(let frame, let errno):
      "the block at frame \(hex: frame.value) cannot be added: \(errno)"
    }
  }
}
