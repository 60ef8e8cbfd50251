// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// What a process is to others, and what it leaves behind of a server's life.
extension Process {
  /// The user that this process acts as.
  ///
  /// The corresponding C function is `geteuid`.
  public static var user: UInt32 { om_user() }

  /// Makes an ordinary process of a server's child, before it executes what
  /// is none of ours.
  ///
  /// Signals have their defaults, its I/O is like anybody's, and the OOM
  /// killer may choose it. `proc` is /proc.
  public static func becomeOrdinary(
    proc: borrowing Descriptor
  ) throws(Errno) {
    om_take_defaults()
    let file = try Descriptor("self/oom_score_adj", .write, in: proc)
    let usual: Line = "0"
    try file.write(usual.raw)
  }

  /// Enters the tree of mounts that another process has, at its root.
  ///
  /// `proc` is /proc. The corresponding C function is `setns` with
  /// CLONE_NEWNS.
  public static func enterMounts(
    of process: Int32,
    proc: borrowing Descriptor
  ) throws(Errno) {
    let tree = try Descriptor(reading: Path("\(process)/ns/mnt"), in: proc)
    try succeed(om_enter_mounts(tree.number))
  }
}
