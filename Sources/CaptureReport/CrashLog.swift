// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Report

/// What of a kernel's log says why it crashed.
public struct CrashLog: Codable, Sendable {
  /// The line that says it best, without its time; nil where none does.
  public let headline: String?
  /// The lines around it, to the end of the log.
  public let lines: [String]
  /// How many lines the log has.
  public let count: Int

  /// Lines before the crash that are kept, and those in all.
  static let before = 12, most = 160

  // What the kernel prints first, by what went wrong: arch/x86/kernel/traps.c,
  // arch/x86/mm/fault.c, kernel/panic.c, kernel/watchdog.c, drivers/tty/sysrq.c.
  private static let beginnings = [
    "BUG: ", "Oops", "general protection fault", "kernel BUG at",
    "Unable to handle kernel", "watchdog: ", "sysrq: Trigger a crash",
    "Kernel panic - not syncing", "NMI: ", "mce: ", "Internal error: ",
    "divide error: ", "invalid opcode: ", "stack segment: ",
  ]

  /// Looks through a log as dmesg prints it.
  public init(_ text: String) {
    // By bytes: to Swift, what ends a line of DOS is one character.
    let all = text.utf8.split(separator: 0x0a)
      .map { printable(String(decoding: $0, as: UTF8.self)) }
    let panic = all.lastIndex { $0.contains("Kernel panic - not syncing: ") }
    // What happened first, of the last things that happened: an oops that was
    // survived an hour ago is not why.
    let from = max(0, (panic ?? all.count) - 100)
    let first = all.indices[from...].first { index in
      Self.beginnings.contains { Self.message(all[index]).hasPrefix($0) }
    }
    // A panic that only says that there was an oops has the oops to say.
    let isEcho = panic.map { all[$0].contains("Fatal exception") } ?? true
    let best = isEcho ? first ?? panic : panic
    headline = best.map { Self.message(all[$0]) }
    let start =
      max(0, (first ?? panic ?? all.count - Self.before) - Self.before)
    lines = Array(all[start...].prefix(Self.most))
    count = all.count
  }

  /// A line without its time, and without who wrote it.
  static func message(_ line: String) -> String {
    var rest = Substring(line)
    while rest.first == "[", let end = rest.range(of: "] ") {
      rest = rest[end.upperBound...]
    }
    return String(rest)
  }

  /// Whether a line is one of those that say what went wrong.
  static func isLoud(_ line: String) -> Bool {
    let text = message(line)
    return beginnings.contains { text.hasPrefix($0) }
      || text.hasPrefix("RIP: ")
  }
}
