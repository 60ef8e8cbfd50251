// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// Fewer programs at a time that udev runs, in a capture system.
///
/// udev starts up to 8 and two for each processor, and 16 of them swap one
/// another out. Later lines of its settings are stronger than earlier ones, and
/// `udev.children-max=` on the command line is stronger than both.
public enum UdevWorkers {
  private static var folder: Path { "etc/udev" }
  private static var name: Path { "udev.conf" }
  private static var text: Line { "\n# oldmem:\nchildren_max=2\n" }

  /// Adds the limit to the initramfs that is this process's root, if it has
  /// settings for udev.
  ///
  /// What cannot be added costs time and nothing else.
  public static func limit() { limit(below: "/") }

  static func limit(below root: Path) {
    let path = root.appending(folder)
    guard (try? Files.kind(of: path)) == .directory,
      let file = try? Descriptor(
        path.appending(name),
        .append(mode: 0o644)
      )
    else { return }
    try? file.write(text.raw)
  }
}
