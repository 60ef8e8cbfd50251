// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

@Suite struct ReadaheadRuleTests {
  private let shop: Shop

  init() throws { shop = try Shop() }

  /// What is in the folder, with the rule's words.
  private func left() throws -> String {
    try shop.bash("find . -type f -exec sh -c 'echo $1; cat $1' sh {} +")
  }

  private let rule = """
    ACTION!="remove", SUBSYSTEM=="block", ATTR{queue/read_ahead_kb}=="?*", \
    ATTR{queue/read_ahead_kb}="16"

    """

  @Test func itIsWhereUdevLooksForIt() throws {
    try shop.bash("mkdir -p usr/lib/udev/rules.d; ln -s usr/lib lib")
    ReadaheadRule.place(below: shop[""])
    #expect(
      try left() == "./usr/lib/udev/rules.d/99-oldmem.rules\n" + rule
    )
  }

  @Test func alsoWhereUsrIsNotMerged() throws {
    try shop.bash("mkdir -p lib/udev/rules.d")
    ReadaheadRule.place(below: shop[""])
    #expect(try left() == "./lib/udev/rules.d/99-oldmem.rules\n" + rule)
  }

  @Test func anInitramfsWithoutUdevStaysAsItIs() throws {
    try shop.bash("mkdir -p lib/udev")
    ReadaheadRule.place(below: shop[""])
    #expect(try left().isEmpty)
  }
}
