// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Where oldmem's lines go: opened once, unbuffered, without allocation.
///
/// In the capture kernel that is the kernel's log, which the console shows
/// and the dump keeps; elsewhere standard error.
public struct Log: ~Copyable {
  let kernel: Descriptor?
  let isKernel: Bool
  let number: Int32

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

  /// Opens the log.
  public init(_ target: Target) {
    if case .kernelLog = target,
      let file = try? Descriptor("/dev/kmsg", .write)
    {
      number = file.number
      isKernel = true
      kernel = consume file
    } else {
      number = Console.Stream.error.rawValue
      isKernel = false
      kernel = nil
    }
  }

  private init(_ file: consuming Descriptor) {
    number = file.number
    isKernel = true
    kernel = consume file
  }

  /// The same log once more.
  public func duplicate() -> Log {
    switch kernel {
    case .some(let file):
      if let file = try? file.duplicate() { return Log(file) }
      return Log(.standardError)
    case nil: return Log(.standardError)
    }
  }

  /// Prints `line`, with our name before it; what cannot be written is lost.
  public func say(_ line: Line, _ level: Level = .notice) {
    var whole = Line()
    if isKernel {
      whole.append("<")
      whole.append(byte: level.rawValue)
      whole.append(">")
    }
    whole.append("oldmem: ")
    whole.append(line: line)
    // Without it the kernel waits for the line to go on, and nobody sees it
    // before the next one (vprintk_store in kernel/printk/printk.c).
    whole.append("\n")
    Console.write(whole, to: number)
  }
}

/// What is said now and then, where opening the log anew does no harm.
///
/// The kernel takes ten lines in five seconds from each opening
/// (devkmsg_write in kernel/printk/printk.c), so none of these is lost.
public enum Console {
  /// Prints `line`, with our name before it.
  public static func say(
    _ line: Line,
    _ level: Log.Level = .notice,
    to target: Log.Target = .kernelLog
  ) {
    Log(target).say(line, level)
  }

  /// One of the two streams that a process is born with.
  public enum Stream: Int32, Sendable {
    /// Standard output.
    case output = 1
    /// Standard error.
    case error = 2
  }

  /// Writes `text` as it is; what cannot be written is lost.
  public static func write(_ text: Line, to stream: Stream) {
    write(text, to: stream.rawValue)
  }

  /// Writes a text of any length.
  public static func write(text: StaticString, to stream: Stream) {
    text.withUTF8Buffer { buffer in
      // SAFETY: the kernel reads at most `count` bytes of the text.
      _ = unsafe om_write(stream.rawValue, buffer.baseAddress, buffer.count)
    }
  }

  static func write(_ text: Line, to number: Int32) {
    unsafe text.raw.withUnsafeBytes { buffer in
      // SAFETY: the kernel reads at most `count` bytes of the line.
      _ = unsafe om_write(number, buffer.baseAddress, buffer.count)
    }
  }
}
