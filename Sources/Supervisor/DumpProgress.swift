// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// What the processes that have /proc/vmcore open have done so far, whichever
/// programs they are.
///
/// Processor time and bytes of all of them are added up: makedumpfile maps what
/// it reads, and writes nothing at first; cp does hardly anything but system
/// calls; both stand still when the disk or the network does. Processes of ours
/// do not count: by one route they have the file open as long as they serve.
///
/// Only what the kernel itself has in memory is looked at: a process's arguments,
/// or a file on a server that has gone, might never come.
public enum DumpProgress {
  /// A number that is another one whenever something was done; nil while
  /// nobody has the file open.
  public static func sum(of file: Path = "/proc/vmcore") -> UInt64? {
    var sum: UInt64?
    try? Files.forEachEntry(of: "/proc") { (name) throws(Errno) in
      guard isNumber(name.text) else { return }
      let process: Path = "/proc"
      let folder = process.appending(name)
      guard has(folder, open: file), !isOurs(folder) else { return }
      sum = (sum ?? 0) &+ work(of: folder)
    }
    return sum
  }

  /// Whether it has one of the names that our processes give themselves.
  @inline(never)
  private static func isOurs(_ process: Path) -> Bool {
    let name = try? Files.read(process.appending("comm"), limit: 16)
    return name.map { Path($0.span).hasPrefix("oldmemd") } ?? false
  }

  private static func has(_ process: Path, open file: Path) -> Bool {
    let folder = process.appending("fd")
    var isOpen = false
    try? Files.forEachEntry(of: folder) { (name) throws(Errno) in
      guard isNumber(name.text), !isOpen else { return }
      let target = try? Files.target(of: folder.appending(name))
      isOpen = target?.name == file.name
    }
    return isOpen
  }

  /// utime and stime (proc_pid_stat(5)), and, where the kernel counts them,
  /// rchar and wchar (proc_pid_io(5)).
  private static func work(of process: Path) -> UInt64 {
    var sum: UInt64 = 1
    if let stat = try? Files.read(process.appending("stat"), limit: 4096) {
      // The name, in parentheses, may have anything in it.
      let end = stat.lastIndex(of: 0x29) ?? 0
      var field = 1
      var number: UInt64 = 0
      for byte in stat[end...] {
        if case 0x30...0x39 = byte {
          number = number &* 10 &+ UInt64(byte &- 0x30)
          continue
        }
        // Behind the name come a space and field 3.
        if field == 14 || field == 15 { sum &+= number }
        if byte == 0x20 { field += 1 }
        number = 0
      }
    }
    if let io = try? Files.read(process.appending("io"), limit: 1024) {
      var line = 0
      var number: UInt64 = 0
      for byte in io {
        if case 0x30...0x39 = byte {
          number = number &* 10 &+ UInt64(byte &- 0x30)
        } else if byte == 0x0a {
          if line < 2 { sum &+= number }
          line += 1
          number = 0
        }
      }
    }
    return sum
  }

  private static func isNumber(_ name: Span<UInt8>) -> Bool {
    for index in name.indices {
      guard case 0x30...0x39 = name[index] else { return false }
    }
    return !name.isEmpty
  }
}
