// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// The tree of mounted file systems.
public enum Mounts {
  /// Mounts a file system of `type` without a device.
  ///
  /// The corresponding C function is `mount`.
  public static func mount(
    _ type: Path,
    on target: Path,
    options: Path = ""
  ) throws(Errno) {
    let result = unsafe type.withCString { type in
      unsafe target.withCString { target in
        unsafe options.withCString { unsafe om_mount(type, target, type, $0) }
      }
    }
    try succeed(result)
  }

  /// Mounts the file system of `type` that is on a block device.
  ///
  /// The corresponding C function is `mount`.
  public static func mount(
    _ type: Path,
    of device: Path,
    on target: Path,
    options: Path
  ) throws(Errno) {
    let result = unsafe type.withCString { type in
      unsafe target.withCString { target in
        unsafe device.withCString { device in
          unsafe options.withCString {
            unsafe om_mount(device, target, type, $0)
          }
        }
      }
    }
    try succeed(result)
  }

  /// Moves a mount.
  ///
  /// The corresponding C function is `mount` with MS_MOVE.
  public static func move(_ source: Path, to target: Path) throws(Errno) {
    let result = unsafe source.withCString { source in
      unsafe target.withCString { unsafe om_move_mount(source, $0) }
    }
    try succeed(result)
  }

  /// Takes a mount away, at once from sight and for good when its last user is
  /// gone.
  ///
  /// The corresponding C function is `umount2` with MNT_DETACH.
  public static func unmount(_ target: Path) throws(Errno) {
    try succeed(unsafe target.withCString { unsafe om_unmount($0) })
  }

  /// Gives this process a mount tree of its own that hears of no change.
  ///
  /// The corresponding C functions are `unshare` with CLONE_NEWNS, and
  /// `mount` with MS_PRIVATE and MS_REC.
  public static func becomePrivate() throws(Errno) {
    try succeed(om_unshare_mounts())
    let root: Path = "/"
    try succeed(unsafe root.withCString { unsafe om_make_private($0) })
  }

  /// Makes `path` this process's working folder.
  public static func enter(_ path: Path) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_chdir($0) })
  }

  /// Makes `path` this process's root folder.
  public static func changeRoot(to path: Path) throws(Errno) {
    try succeed(unsafe path.withCString { unsafe om_chroot($0) })
  }
}
