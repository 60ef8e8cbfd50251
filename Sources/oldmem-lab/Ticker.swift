// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Glibc

/// Says what takes time: on a terminal one line that counts seconds and is
/// wiped in the end, elsewhere a line for each thing that begins.
struct Ticker {
  private let start = ContinuousClock.now
  private var text: String
  private var shown = -1
  private let live = Terminal.isTerminal(STDERR_FILENO)

  init(_ text: String) {
    self.text = text
    if live { tick() } else { Terminal.note(text) }
  }

  /// Something else has begun.
  mutating func say(_ text: String) {
    self.text = text
    shown = -1
    if live { tick() } else { Terminal.note(text) }
  }

  /// To be called now and then.
  mutating func tick() {
    let seconds = Int((ContinuousClock.now - start) / .seconds(1))
    guard live, seconds != shown else { return }
    shown = seconds
    let line = "\(text) ... \(seconds) s".prefix(79)
    Terminal.write("\r\u{1B}[K\(line)", to: STDERR_FILENO)
  }

  /// Wipes the line.
  func finish() {
    if live { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
  }
}

/// What the lab writes, as it suits where that goes.
enum Terminal {
  /// Whether people look at it.
  static func isTerminal(_ stream: Int32) -> Bool { isatty(stream) == 1 }

  /// Whether standard output may be coloured.
  static let hasColours: Bool = {
    // no-color.org: set, and not to nothing. SAFETY: what getenv returns is
    // looked at once, and nobody sets it.
    let refused =
      unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
    return isTerminal(STDOUT_FILENO) && !refused
  }()

  static func bold(_ text: String) -> String { paint(text, "1") }
  static func good(_ text: String) -> String { paint(text, "32") }
  static func bad(_ text: String) -> String { paint(text, "31") }
  static func dim(_ text: String) -> String { paint(text, "2") }

  /// Tells the person at the terminal what goes on.
  static func note(_ text: String) {
    write("oldmem-lab: \(text)\n", to: STDERR_FILENO)
  }

  /// A line for standard output, where results go.
  static func show(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Writes at once; what cannot be written is lost.
  static func write(_ text: String, to stream: Int32) {
    let bytes = Array(text.utf8)
    // SAFETY: the pointer and the length are of the same buffer.
    _ = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(stream, $0.baseAddress, $0.count)
    }
  }

  private static func paint(_ text: String, _ code: String) -> String {
    hasColours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
