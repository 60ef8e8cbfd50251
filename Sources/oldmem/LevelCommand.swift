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

      Example: oldmem level --config /etc/oldmem.conf "-l -d 31"
      """
  )

  @Option(help: "A settings file that may lower it.", completion: .file())
  var config: String?

  @Argument(
    parsing: .captureForPassthrough,
    help: "What makedumpfile is called with, in one word or in several."
  )
  var arguments: [String]

  func run() throws {
    var level = OwnedLevel(
      makedumpfileArguments: arguments.joined(separator: " ")
    )
    if let config {
      guard let text = try? String(contentsOfFile: config, encoding: .utf8)
      else { throw HostFile.unreadable(config) }
      level = level.lowered(by: text, of: config)
    }
    print(level.reason ?? "\(level.level)")
    if level.reason != nil { throw ExitCode(1) }
  }
}
