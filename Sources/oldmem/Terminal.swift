// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import MapPicture

/// The terminal that standard output goes to, as far as the environment and
/// the kernel tell.
struct Terminal {
  private let environment = ProcessInfo.processInfo.environment

  /// Whether colours are welcome (https://no-color.org) and understood.
  var hasColors: Bool {
    (environment["NO_COLOR"] ?? "").isEmpty
      && !["", "dumb"].contains(environment["TERM"] ?? "")
  }

  /// How many colours it says that it has; 256 is what all have that people
  /// still use.
  var depth: TextStyle.Depth {
    let words = ["truecolor", "24bit"]
    return words.contains(environment["COLORTERM"] ?? "")
      || (environment["TERM"] ?? "").hasSuffix("-direct") ? .full : .palette
  }

  /// Whether characters outside ASCII arrive, by the locale's first word that
  /// counts.
  var isUTF8: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
    let name = (locale ?? "").lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }

  /// The window's size, in characters; nil where there is no window.
  var size: (columns: Int, lines: Int)? {
    var window = winsize()
    // SAFETY: TIOCGWINSZ fills the structure that it is given, which lives
    // here.
    let isKnown =
      unsafe ioctl(
        STDOUT_FILENO,
        UInt(TIOCGWINSZ),
        &window
      ) == 0
    guard isKnown, window.ws_col > 0, window.ws_row > 0 else { return nil }
    return (Int(window.ws_col), Int(window.ws_row))
  }
}

/// When colours are used.
enum ColorWhen: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  /// Whether they are, in what goes to a terminal or does not.
  func isColored(onTerminal isTerminal: Bool) -> Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto: isTerminal && Terminal().hasColors
    }
  }
}
