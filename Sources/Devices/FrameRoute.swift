// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// A way by which old memory can be mapped and written.
public enum FrameRoute: CaseIterable, Equatable, Sendable {
  /// /dev/mem: every kernel that is not locked down.
  case mem
  /// /dev/oldmem: our module.
  case oldmem
  /// /proc/vmcore itself, in a kernel with our patches.
  case vmcore

  /// The file.
  public var path: Path {
    switch self {
    case .mem: "/dev/mem"
    case .oldmem: "/dev/oldmem"
    case .vmcore: "/proc/vmcore"
    }
  }

  /// Whether offsets in the file are physical addresses.
  public var isPhysical: Bool { self != .vmcore }
}

/// Frames that lie side by side in a file.
public struct FileFrames: Equatable, Sendable {
  /// Where the first one begins, in bytes.
  public let offset: UInt64
  /// How many there are.
  public let count: UInt64

  /// So many frames from there on.
  public init(offset: UInt64, count: UInt64) {
    self.offset = offset
    self.count = count
  }

  /// A run of frames, in a file whose offsets are physical addresses; nil
  /// where no address is that high.
  public init?(_ run: FrameRange) {
    guard let address = run.start.address else { return nil }
    self.init(offset: address.value, count: run.count)
  }
}
