// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// A program of the distribution's initramfs, run there before its init is.
///
/// It gets /proc, /sys and /dev as it may expect them, which nobody else sees,
/// and so much time and no more.
enum ForeignProgram {
  /// How it did not do what it should.
  enum Failure: Error, Equatable {
    /// No process could be made.
    case unborn(Errno)
    /// It ended with this status.
    case ended(Int32)
    /// This signal ended it.
    case killed(Int32)
    /// It took longer than so many seconds.
    case late(UInt32)

    var sentence: Line {
      switch self {
      case .unborn(let errno): "no process could be made: \(errno)"
      case .ended(let status): "ended with status \(status)"
      case .killed(let signal): "was killed by signal \(signal)"
      case .late(let seconds): "did not end within \(seconds) s"
      }
    }
  }

  /// Runs `program`, by its name below `root`; `progress` is called about once
  /// a second.
  static func run(
    _ program: Path,
    arguments: [Path],
    in root: Path,
    seconds: UInt32,
    progress: () -> Void
  ) throws(Failure) {
    let process: Process
    do throws(Errno) {
      guard let child = try Process.fork() else {
        become(program, arguments, in: root)
      }
      process = child
    } catch { throw .unborn(error) }
    let step: UInt32 = 20
    for round in 0..<seconds * 1000 / step {
      if round % 50 == 0 { progress() }
      switch try? process.end(block: false) {
      case .exited(0): return
      case .exited(let status): throw .ended(status)
      case .killed(let signal): throw .killed(signal)
      case nil: Clock.sleep(milliseconds: step)
      }
    }
    process.kill()
    throw .late(seconds)
  }

  private static func become(
    _ program: Path,
    _ arguments: [Path],
    in root: Path
  ) -> Never {
    do throws(Errno) {
      try Mounts.becomePrivate()
      try Mounts.changeRoot(to: root)
      try Mounts.enter("/")
    } catch { Process.exit(126) }
    for (type, place): (Path, Path) in [
      ("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"),
    ] {
      try? Files.makeDirectory(place)
      try? Mounts.mount(type, on: place)
    }
    _ = Process.execute(program, arguments: [program] + arguments)
    // What a shell says of a program that it cannot execute.
    Process.exit(127)
  }
}
