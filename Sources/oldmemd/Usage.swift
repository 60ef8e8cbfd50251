// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux

/// What oldmemd says of itself on the terminal.
enum Usage {
  static let version: StaticString = "0.1.0"

  static func print() -> Never {
    Console.write(
      text: """
        oldmemd: lends a crashed kernel's memory to its capture kernel

        In an initramfs that `oldmem pack` made it is started as PID 1; see
        `oldmem pack --help`. On an ordinary machine:

          oldmemd serve --ublk [--pool anonymous:SIZE] [--size SIZE]
                        [--copies N] [--queue-depth N] [--buffer-size SIZE]
                        [--scrub SECONDS] [--record FILE]
              serves /dev/ublkbN out of ordinary memory until it is ended, with a
              record in FILE of how it does over time
          oldmemd serve --nbd unix:PATH | tcp:[ADDRESS:]PORT | kernel
                        [--connections N] [the same options but --queue-depth]
              serves it to clients of NBD, by TCP on 127.0.0.1 if not told
              otherwise, and without TLS; with kernel as /dev/nbdN
          oldmemd hold IMAGE [--record FILE]
              keeps the stage two of an image of `oldmem pack` in memory, and in
              FILE (/run/oldmem/held) where it is, until it is ended
          oldmemd status [--json | --prometheus | --events] [--socket NAME]
              says how the oldmemd that serves here does
          oldmemd dmesg [--vmcore FILE] [--decode] [--caller] [TARGET]
              prints the log of the kernel that crashed, to a file, a terminal,
              unix:PATH or tcp:[ADDRESS:]PORT, if not told otherwise here
          oldmemd rescue [--id ID] [--key FILE] [--vmcore FILE] [PLACE ...]
              saves that log in each PLACE, or where the setting rescue says:
              console, tcp:ADDRESS:PORT, unix:PATH, a /dev/DISK prepared with ID;
              with the key in FILE by the network to `oldmem receive` alone;
              dump:PLACE is for a dump, and takes a new file, too
          oldmemd --version
          oldmemd --help

        example: oldmemd serve --ublk --pool anonymous:1G --size 256M

        """,
      to: .output
    )
    Process.exit(0)
  }

  static func printVersion() -> Never {
    Console.write("oldmemd \(version)\n", to: .output)
    Process.exit(0)
  }

  /// Ends with status 2: the command line makes no sense.
  static func fail(_ problem: Line) -> Never {
    Console.say("\(problem) (see oldmemd --help)", to: .standardError)
    Process.exit(2)
  }
}
