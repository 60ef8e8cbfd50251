// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation

/// The tools for production hosts and laptops, one file for each subcommand.
@main
struct Oldmem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oldmem",
    abstract: "Finds the memory of a crashed kernel that may be lent out.",
    subcommands: [
      Inspect.self, Scan.self, Layout.self, Pack.self, Estimate.self,
    ]
  )

  /// Exits with 0, with 1 for bad input, and with 2 for bad usage.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let text = fullMessage(for: error)
      let code = exitCode(for: error)
      if code == .success {
        print(text)
        Foundation.exit(0)
      }
      FileHandle.standardError.write(Data((text + "\n").utf8))
      Foundation.exit(code == .validationFailure ? 2 : 1)
    }
  }
}

/// What is wrong with the input, in words.
struct BadInput: Error, CustomStringConvertible {
  let path: String
  let sentence: String

  var description: String { path + ": " + sentence }
}
