// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation

/// The tools for production hosts and laptops, one file for each subcommand.
@main
struct Oldmem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oldmem",
    abstract: "Lends a crashed kernel's memory to its capture kernel.",
    discussion: """
      Example: oldmem test
      """,
    version: "0.1.0",
    subcommands: [
      Enable.self, Disable.self, Status.self, Test.self, Refresh.self,
      Hold.self, Inspect.self, Scan.self, MapCommand.self, Dmesg.self,
      DumpCommand.self, ReportCommand.self, Layout.self, Pack.self,
      Estimate.self, Level.self,
      RescueFormat.self, RescueKey.self, RescueRead.self, Receive.self,
    ]
  )

  /// Exits with 0, with 1 for bad input, with 2 for bad usage, and with what
  /// a command has to say otherwise.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let code as ExitCode {
      Foundation.exit(code.rawValue)
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
