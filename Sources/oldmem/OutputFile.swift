// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation

/// Where a command that makes one text is told to write it.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: "The file to write. (default: standard output)",
    completion: .file()
  )
  var output: String?

  @Flag(help: "Replace the file that is there.")
  var force = false

  /// Whether what is written will be on somebody's screen.
  var isTerminal: Bool {
    (output == nil || output == "-") && isatty(STDOUT_FILENO) == 1
  }

  func file() throws(BadInput) -> OutputFile {
    try OutputFile(output, replaces: force)
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
      throw HostFile.unwritable(path, error)
    }
  }

  private static let isThere = "is there already (--force replaces it)"
}
