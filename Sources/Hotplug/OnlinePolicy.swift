// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// What the kernel does with memory blocks that are added, for as long as this
/// is held; afterwards what it did before.
///
/// Debian's 6.1 leaves them offline, its 6.12 brings them online for all uses,
/// and no module may ask for anything else.
public struct OnlinePolicy: ~Copyable {
  static let path: Path = "/sys/devices/system/memory/auto_online_blocks"

  /// Who may use hot-plugged memory.
  public enum Zone: Sendable {
    /// The kernel too, and drivers.
    case kernel
    /// Only what the kernel can move: memory of processes, page cache.
    case movable
  }

  private let before: [UInt8]

  /// Has blocks that are added brought online for `zone`.
  public init(_ zone: Zone) throws(HotplugError) {
    let before = try attempt(HotplugError.policy) { () throws(Errno) in
      try Files.read(OnlinePolicy.path, limit: 64)
    }
    try attempt(HotplugError.policy) { () throws(Errno) in
      switch zone {
      case .kernel: try Files.write("online_kernel\n", to: OnlinePolicy.path)
      case .movable: try Files.write("online_movable\n", to: OnlinePolicy.path)
      }
    }
    self.before = before
  }

  deinit {
    var line = Line()
    line.append(untrusted: before.prefix { $0 > 0x20 })
    try? Files.write(line, to: OnlinePolicy.path)
  }
}
