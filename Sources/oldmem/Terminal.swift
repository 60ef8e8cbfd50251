// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

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

/// Where a command writes what it made: a file, or standard output.
struct OutputFile: ~Copyable {
  private let path: String?
  private let replaces: Bool

  /// Says at once what would be in the way, before hours of work are lost.
  init(_ path: String?, replaces: Bool) throws(BadInput) {
    self.path = path == "-" ? nil : path
    self.replaces = replaces
    if let path = self.path, !replaces,
      FileManager.default.fileExists(atPath: path)
    {
      throw BadInput(path: path, sentence: Self.isThere)
    }
  }

  /// Writes `text`: to the file whole, or not at all.
  consuming func write(_ text: String) throws(BadInput) {
    guard let path else {
      var output = StandardOutput()
      // Whoever reads the output may have had enough, as head has.
      guard output.write(Array(text.utf8)) || errno == EPIPE else {
        throw BadInput(
          path: "standard output",
          sentence: HostFile.text(errno)
        )
      }
      return
    }
    do {
      let url = URL(fileURLWithPath: path)
      try Data(text.utf8).write(
        to: url,
        options: replaces ? .atomic : .withoutOverwriting
      )
    } catch CocoaError.fileWriteFileExists {
      throw BadInput(path: path, sentence: Self.isThere)
    } catch {
      throw BadInput(path: path, sentence: "cannot be written")
    }
  }

  private static let isThere = "is there already (--force replaces it)"
}
