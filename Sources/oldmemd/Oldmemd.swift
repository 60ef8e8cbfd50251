// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux

/// oldmemd: as PID 1 it boots, as `lend` it finds and serves old memory, as
/// `serve` it serves ordinary memory on an ordinary machine, as `hold` it keeps
/// a stage two there for the next crash, as `status` it asks the one that
/// serves, as `dmesg` and `rescue` it saves the crashed kernel's log, as `watch`
/// it waits for a dump that makes no progress.
@main
struct Oldmemd {
  static func main() {
    if Process.own == 1 { Boot.run() }
    let arguments = Process.arguments()
    guard arguments.count > 1 else {
      Usage.fail("a command is missing")
    }
    switch arguments[1] {
    case let command where command.equals("lend"): Lend.run()
    case let command where command.equals("watch"): Watchdog.run()
    case let command where command.equals("serve"):
      Serve.run(Array(arguments.dropFirst(2)))
    case let command where command.equals("status"):
      StatusCommand.run(Array(arguments.dropFirst(2)))
    case let command where command.equals("hold"):
      Hold.run(Array(arguments.dropFirst(2)))
    case let command where command.equals("dmesg"):
      DmesgCommand.run(Array(arguments.dropFirst(2)))
    case let command where command.equals("rescue"):
      RescueCommand.run(Array(arguments.dropFirst(2)))
    case let command where command.equals("--help"): Usage.print()
    case let command where command.equals("--version"): Usage.printVersion()
    case let command: Usage.fail("no command \"\(command)\"")
    }
  }
}
