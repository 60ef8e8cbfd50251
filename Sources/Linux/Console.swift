// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// What oldmem says, a line at a time and unbuffered.
///
/// In the capture kernel lines go to the kernel's log, which the console
/// shows and the dump keeps; elsewhere to standard error.
public enum Console {
  /// How urgent a line is: the kernel's log levels.
  public enum Level: UInt8, Sendable {
    /// KERN_ERR: shown on a quiet console too.
    case problem = 0x33
    /// KERN_NOTICE.
    case notice = 0x35
  }

  /// Where lines go.
  public enum Target: Sendable {
    /// /dev/kmsg, or standard error when that cannot be opened.
    case kernelLog
    /// Standard error.
    case standardError
  }

  /// Prints `line`, with our name before it.
  public static func say(
    _ line: Line,
    _ level: Level = .notice,
    to target: Target = .kernelLog
  ) {
    var whole = Line()
    if case .kernelLog = target,
      let log = try? Descriptor("/dev/kmsg", .write)
    {
      whole.append("<")
      whole.append(byte: level.rawValue)
      whole.append(">oldmem: ")
      whole.append(line: line)
      if (try? log.write(whole.raw)) != nil { return }
    }
    whole = "oldmem: "
    whole.append(line: line)
    whole.append("\n")
    let standardError = Borrowed(number: 2)
    standardError.write(whole)
  }

  /// Lets everything that is said through, for the kernel drops messages from
  /// userspace beyond ten in five seconds unless told otherwise.
  public static func liftRateLimit() {
    guard
      let knob = try? Descriptor("/proc/sys/kernel/printk_devkmsg", .write)
    else { return }
    let word: Line = "on\n"
    try? knob.write(word.raw)
  }

  /// A descriptor that somebody else owns.
  private struct Borrowed {
    let number: Int32

    func write(_ line: Line) {
      let number = number
      unsafe line.raw.withUnsafeBytes { buffer in
        // SAFETY: the kernel reads at most `count` bytes of the line.
        _ = unsafe om_write(number, buffer.baseAddress, buffer.count)
      }
    }
  }
}
