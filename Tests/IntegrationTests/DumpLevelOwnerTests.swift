// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Integration

/// The level is makedumpfile's, or none.
@Suite struct DumpLevelOwnerTests {
  @Test(arguments: [
    ("-F -c -d 31", 31), ("-c -d31", 31), ("-cd 17", 17), ("-l -d 16,31", 16),
    ("-d 1 -d 31", 31), ("-z --message-level 7 -d 31 --num-threads=2", 31),
    ("-d 31 -X -x /usr/lib/debug/vmlinux --config /etc/filter.conf", 31),
    ("-d\t31 --eppic /etc/scrub.c -e -D -f -b 8 --non-mmap", 31),
  ])
  func plainCallsOwnTheLevel(_ arguments: String, _ level: Int) {
    let owned = OwnedLevel(makedumpfileArguments: arguments)
    #expect(owned == OwnedLevel(level: level, reason: nil))
  }

  @Test(arguments: [
    "-c", "-c -d 1", "-d 15", "-E -d 31", "-cE -d 31", "-d 31 --split",
    "-d 32", "-d -1", "-d x", "-d", "-d 31,", "-R", "--dump-dmesg -d 31",
    "-d 31 /proc/kcore", "-g x -d 31", "--help", "-d 31 --mem-usage",
    "-d 31 --new-option", "-d 31 -q", "--", "-", "$LEVEL",
  ])
  func doubtLendsNothing(_ arguments: String) throws {
    let owned = OwnedLevel(makedumpfileArguments: arguments)
    try #require(owned.reason != nil)
    #expect(owned.level == 0)
  }

  @Test(arguments: [
    ("", 31), ("size = 64M", 31), ("dump-level = 17", 17),
    ("dump-level=31\r\ndump-level = 16\r\n", 16), ("dump-level = 1", 0),
    ("dump-level = 16 # free", 0), ("dump-level = 99", 0), ("dump-level =", 0),
  ])
  func administratorsMayLowerIt(_ settings: String, _ level: Int) {
    let owned = OwnedLevel(makedumpfileArguments: "-d 31")
      .lowered(by: settings, of: "/etc/oldmem.conf")
    #expect(owned.level == level)
    #expect((owned.reason == nil) == (level != 0))
  }

  @Test func theShellDecidesWhatIsSet() throws {
    let system = try FakeSystem()
    func level(_ line: String) throws -> Int {
      try system.set(line)
      let level = system.installation.tools.level
      return level.reason == nil ? level.level : 0
    }
    #expect(try level("") == 31)
    #expect(try level("#MAKEDUMP_ARGS='-d 1'") == 31)
    #expect(try level("MAKEDUMP_ARGS='-c -d 17'") == 17)
    #expect(try level("L=31; MAKEDUMP_ARGS=\"-c -d $L\"; echo $L") == 31)
    #expect(try level("MAKEDUMP_ARGS=") == 31)
    #expect(try level("MAKEDUMP_ARGS='-d 17'\nMAKEDUMP_ARGS='-d 31'") == 31)
    // systemd would read these otherwise than the shell does.
    #expect(try level("if false; then\nMAKEDUMP_ARGS='-d 1'\nfi") == 0)
    #expect(try level("MAKEDUMP_ARGS=\"$MAKEDUMP_ARGS -d 31\"") == 0)
    #expect(try level("MAKEDUMP_ARGS='-d 31") == 0)
    try system.bash("echo '#!/bin/sh' > usr/bin/makedumpfile")
    #expect(try level("") == 0)
    try system.bash("rm usr/bin/makedumpfile")
    #expect(try level("") == 0)
  }
}
