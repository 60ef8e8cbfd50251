// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms

/// A command as it describes itself, `--experimental-dump-help`.
struct HelpDump: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
    let shouldDisplay: Bool
    let defaultValue: String?
    let abstract: String?
    let discussion: String?

    /// Its names as mdoc has them behind Fl: `H`, `-human`.
    var options: [String] {
      (names ?? []).map { ($0.kind == "short" ? "" : "-") + $0.name }
    }
  }

  let commandName: String
  let abstract: String?
  let discussion: String?
  let arguments: [Argument]?
  let subcommands: [HelpDump]?

  /// Those that people see, without the two that every command has.
  var shown: [Argument] {
    (arguments ?? []).filter {
      $0.shouldDisplay && !$0.options.contains("-help")
        && !$0.options.contains("-version")
    }
  }

  /// The commands below it, but `help`, which is ArgumentParser's own.
  var commands: [HelpDump] {
    (subcommands ?? []).filter { $0.commandName != "help" }
  }

  /// What stands behind each "Example: ", with one space between words.
  var examples: [String] {
    (discussion ?? "").components(separatedBy: "Example: ").dropFirst()
      .map(normal)
  }

  /// What a program that was built with the tests, beside them, says.
  static func of(_ program: String) throws -> HelpDump {
    struct Whole: Decodable { let command: HelpDump }
    let folder = URL(filePath: CommandLine.arguments[0])
      .deletingLastPathComponent()
    let program = folder.appending(path: program).path
    let text = try ProgramRun(
      succeeding: [program, "--experimental-dump-help"]
    ).output
    return try JSONDecoder().decode(Whole.self, from: Data(text.utf8)).command
  }
}
