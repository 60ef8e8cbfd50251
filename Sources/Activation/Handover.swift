// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// From stage one to the distribution's own initramfs.
public enum Handover {
  /// Where stage two was unpacked.
  public enum Root: Sendable {
    /// Over stage one, as the kernel would have done.
    case rootfs
    /// A file system of its own, mounted here.
    case mounted(Path)
  }

  /// The folder that is ours in stage one.
  public static let ourFolder: Path = "/oldmem"
  /// What is mounted in stage one, and gone before its init runs.
  public static var mounts: [Path] { ["/proc", "/sys", "/dev"] }
  static let initProgram: Path = "/init"

  /// Whether there is something to execute; to be asked while there still is a
  /// way back.
  public static func hasInit(in root: Root) -> Bool {
    switch root {
    case .rootfs: Files.exists(initProgram)
    case .mounted(let place): Files.exists(place.appending("init"))
    }
  }

  /// Executes the initramfs's init in PID 1's place, with the arguments that
  /// the kernel gave to us.
  ///
  /// Returns only to say why not.
  public static func execute(in root: Root, arguments: [Path]) -> Errno {
    var passed: [Path] = [initProgram]
    passed.append(contentsOf: arguments.dropFirst())
    for mount in mounts { try? Mounts.unmount(mount) }
    do throws(Errno) {
      switch root {
      case .rootfs:
        remove(ourFolder, keeping: nil)
      case .mounted(let place):
        try Mounts.enter(place)
        remove("/", keeping: place)
        try Mounts.move(".", to: "/")
        try Mounts.changeRoot(to: ".")
        try Mounts.enter("/")
      }
    } catch { return error }
    return Process.execute(initProgram, arguments: passed)
  }

  /// Removes what is below `folder` on its own file system, as far as it can
  /// be removed: what stays costs memory and nothing else.
  ///
  /// - Parameter depth: how far down to go; stage one is shallow.
  static func remove(_ folder: Path, keeping kept: Path?, depth: Int = 8) {
    guard depth > 0 else { return }
    // Names are collected first: removing while the kernel lists a folder may
    // skip some.
    var names: [Path] = []
    Files.forEachEntry(of: folder) { names.append($0) }
    for name in names {
      let path = folder.appending(name)
      if let kept, kept.name == path.name { continue }
      switch try? Files.kind(of: path) {
      case .directory:
        guard (try? Files.onSameDevice(path, folder)) == true else { continue }
        remove(path, keeping: kept, depth: depth - 1)
        try? Files.removeDirectory(path)
      case .file, .other: try? Files.remove(path)
      case .nothing, nil: break
      }
    }
  }
}
