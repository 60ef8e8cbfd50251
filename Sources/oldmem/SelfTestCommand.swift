// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Integration
import Report

/// `oldmem test`: all that can be checked without a crash.
struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks what can be checked without a crash.",
    discussion: """
      A line for each check: ok, warning or problem, and what to do. Exits \
      with 0 if all is well, with 1 if there is a problem, and with 3 if \
      there are warnings and nothing worse.

      Example: oldmem test
      """
  )

  @OptionGroup var system: SystemOptions

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func run() throws {
    let findings = SelfTest(system.installation).run()
    if json {
      print(try encoded(findings))
    } else {
      var table = Table([("check", .left), ("", .left), ("", .left)])
      for item in findings {
        table.add([item.check, item.state.rawValue, item.finding])
        if let advice = item.advice { table.add(["", "", "-> " + advice]) }
      }
      print(table.lines.dropFirst().joined(separator: "\n"))
    }
    switch findings.map(\.state).max() {
    case .problem: throw ExitCode(1)
    case .warning: throw ExitCode(3)
    case .ok, nil: break
    }
  }
}
