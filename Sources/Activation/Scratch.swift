// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Scratch space in the capture system, for tools that spool: ext4 on a
/// partition of the device where the distribution's initramfs can make one,
/// and otherwise a tmpfs whose pages go to swap, which gets the partition.
public enum Scratch {
  /// How long a program of the distribution's may take, in seconds.
  static let patience: UInt32 = 30

  /// Makes what `settings` want, in the root that stage two was unpacked into,
  /// and says what there is in one line.
  ///
  /// To be called in a process of its own, once: it changes its root.
  ///
  /// - Parameter progress: called about once a second.
  /// - Returns: whether there is scratch space.
  public static func make(
    _ space: ScratchSpace,
    on device: Path,
    in root: Path,
    progress: () -> Void
  ) -> Bool {
    let start = Clock.nanoseconds()
    // There is no /dev below the new root.
    let log = Log(.kernelLog)
    let part = Swap.scratchPart(of: device)
    let swapBytes = size(of: Swap.area(of: device)) ?? 0
    let partBytes = size(of: part)
    var problem = Problem.noPartition
    var isMade = false
    if partBytes != nil {
      do throws(Problem) {
        try makeFileSystem(on: part, in: root, progress: progress)
        isMade = true
      } catch { problem = error }
    }
    // A root below which targets are found, links and all, as stage two will
    // find them; sources, by relative names, are still found here.
    do throws(Errno) {
      try Mounts.enter("/")
      try Mounts.changeRoot(to: root)
    } catch {
      log.say("scratch: \(root): \(error); carrying on without", .problem)
      return false
    }
    let source = part.droppingFirst(1)
    let place = space.place
    makeFolders(to: place)
    if isMade, let partBytes {
      do throws(Errno) {
        // What a lost block of metadata stops is the writing, not the machine.
        try Mounts.mount(
          fileSystem,
          of: source,
          on: place,
          options: "errors=remount-ro,noinit_itable"
        )
        try? Files.setMode(place, 0o1777)
        log.say(made(fileSystem, partBytes, on: place, since: start))
        return true
      } catch { problem = .mount(error) }
    }
    var ownBytes: UInt64?
    if let partBytes,
      (try? Swap.activate(source, seed: Kernel.randomSeed())) != nil
    {
      ownBytes = partBytes
    }
    let limit = space.tmpfsLimit(swapBytes: swapBytes, ownBytes: ownBytes)
    do throws(Errno) {
      try Mounts.mount(
        "tmpfs",
        on: place,
        options: Path("size=\(limit),mode=1777")
      )
    } catch {
      log.say("scratch: \(place): \(error); carrying on without", .problem)
      return false
    }
    var line = made("tmpfs", limit, on: place, since: start)
    line.append(": ")
    line.append(line: problem.sentence)
    log.say(line)
    return true
  }

  private static var fileSystem: Path { "ext4" }

  /// What there is now, in words.
  private static func made(
    _ type: Path,
    _ bytes: UInt64,
    on place: Path,
    since start: UInt64
  ) -> Line {
    let time = (Clock.nanoseconds() - start) / 1_000_000
    return
      "scratch: \(bytes >> 20) MiB of \(type) on \(place) after \(time) ms"
  }

  /// Why there is a tmpfs instead.
  private enum Problem: Error {
    /// The device is whole.
    case noPartition
    /// Stage two has no program that makes ext4.
    case noProgram
    /// The kernel has no ext4.
    case noDriver
    /// The program has failed.
    case program(ForeignProgram.Failure)
    /// What it made cannot be mounted.
    case mount(Errno)

    var sentence: Line {
      switch self {
      case .noPartition: "the device is not cut in two"
      case .noProgram: "no mkfs.ext4 in stage two"
      case .noDriver: "no ext4 in this kernel"
      case .program(let failure): "mkfs.ext4 \(failure.sentence)"
      case .mount(let errno): "ext4 cannot be mounted: \(errno)"
      }
    }
  }

  /// Makes an ext4 that lives as long as the capture kernel: no journal, no
  /// reserve, and as little written at once as can be.
  private static func makeFileSystem(
    on part: Path,
    in root: Path,
    progress: () -> Void
  ) throws(Problem) {
    guard let program = maker(in: root) else { throw .noProgram }
    try findDriver(in: root, progress)
    try attempt(Problem.program) { () throws(ForeignProgram.Failure) in
      try ForeignProgram.run(
        program,
        arguments: [
          "-t", fileSystem, "-q", "-F", "-L", "oldmem-scratch", "-b", "4096",
          "-m", "0", "-i", "16384", "-O", "^has_journal,^resize_inode", "-E",
          "lazy_itable_init=1,nodiscard", part,
        ],
        in: root,
        seconds: patience,
        progress: progress
      )
    }
  }

  /// The program of stage two's that makes ext4, by its name there.
  static func maker(in root: Path) -> Path? {
    if let program = find("mkfs.ext4", in: root) { return program }
    guard let program = find("mke2fs", in: root) else { return nil }
    // busybox, under whose second name or behind a link, makes ext2 alone.
    let place = root.appending(program.droppingFirst(1))
    guard (try? Files.kind(of: place)) == .file else { return nil }
    for shell: Path in ["bin/busybox", "usr/bin/busybox"] {
      if Files.areSame(place, root.appending(shell)) { return nil }
    }
    return program
  }

  /// Loads ext4 where it is a module of stage two's.
  private static func findDriver(
    in root: Path,
    _ progress: () -> Void
  ) throws(Problem) {
    if kernelHasFileSystem() { return }
    guard let program = find("modprobe", in: root) else { throw .noDriver }
    try? ForeignProgram.run(
      program,
      arguments: [fileSystem],
      in: root,
      seconds: patience,
      progress: progress
    )
    guard kernelHasFileSystem() else { throw .noDriver }
  }

  /// Where stage two has a program for the administrator.
  private static func find(_ name: Path, in root: Path) -> Path? {
    for folder: Path in ["/sbin", "/usr/sbin"] {
      let path = folder.appending(name)
      if Files.exists(root.appending(path.droppingFirst(1))) { return path }
    }
    return nil
  }

  private static func kernelHasFileSystem() -> Bool {
    guard let text = try? Files.read("/proc/filesystems", limit: 4096) else {
      return false
    }
    return names(fileSystem, in: text)
  }

  /// Whether a line of /proc/filesystems is about the file system `name`.
  static func names(_ name: Path, in text: [UInt8]) -> Bool {
    for line in text.split(separator: 0x0a) {
      let start = line.lastIndex(of: 0x09).map { $0 + 1 } ?? line.startIndex
      if line[start...].elementsEqual(name.name) { return true }
    }
    return false
  }

  private static func size(of device: Path) -> UInt64? {
    guard let file = try? Descriptor(device, .read) else { return nil }
    return try? file.deviceByteCount()
  }

  /// Makes the folders that lead to `place`, and `place`, where they are not
  /// there yet.
  private static func makeFolders(to place: Path) {
    let text = place.text
    for index in 1..<text.count where text[index] == 0x2f {
      try? Files.makeDirectory(Path(text.extracting(0..<index)))
    }
    try? Files.makeDirectory(place)
  }
}
