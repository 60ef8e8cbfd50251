// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Integration

/// `oldmem level`: the level that a collector's words allow.
struct Level: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says at which dump level memory may be lent.",
    discussion: """
      For scripts of a kdump stack. Prints the level of `makedumpfile \
      ARGUMENTS`; or, with exit status 1, why nothing may be lent beside it.

      Example: oldmem level "-l --message-level 7 -d 31"
      """
  )

  @Argument(
    parsing: .captureForPassthrough,
    help: "What makedumpfile is called with, in one word or in several."
  )
  var arguments: [String]

  func run() throws {
    let level = OwnedLevel(
      makedumpfileArguments: arguments.joined(separator: " ")
    )
    print(level.reason ?? "\(level.level)")
    if level.reason != nil { throw ExitCode(1) }
  }
}
