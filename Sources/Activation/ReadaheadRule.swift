// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// Less that is read from disks around what is wanted, in a capture system.
///
/// Around a page of a program that it lacks the kernel reads 128 KiB
/// (do_sync_mmap_readahead in mm/filemap.c). Where a few MiB hold all programs
/// of a system, each such read costs others their pages, which are then read
/// with as much around them. The limit is one of each disk's, which shows up
/// later; so udev is told, by a rule in the initramfs.
public enum ReadaheadRule {
  private static var folders: [Path] {
    ["usr/lib/udev/rules.d", "lib/udev/rules.d"]
  }
  private static var name: Path { "99-oldmem.rules" }
  private static var text: Line {
    """
    ACTION!="remove", SUBSYSTEM=="block", ATTR{queue/read_ahead_kb}=="?*", \
    ATTR{queue/read_ahead_kb}="16"

    """
  }

  /// Adds the rule to the initramfs that is this process's root, if it has udev.
  ///
  /// What cannot be added costs time and nothing else.
  public static func place() { place(below: "/") }

  static func place(below root: Path) {
    for folder in folders {
      let path = root.appending(folder)
      guard (try? Files.kind(of: path)) == .directory,
        let file = try? Descriptor(
          path.appending(name),
          .create(mode: 0o644)
        )
      else { continue }
      try? file.write(text.raw)
      return
    }
  }
}
