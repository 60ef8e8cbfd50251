// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

@Suite struct UdevWorkersTests {
  private let shop: Shop

  init() throws { shop = try Shop() }

  @Test func theLimitIsTheLastOfUdevsSettings() throws {
    try shop.bash(
      "mkdir -p etc/udev; printf children_max=9 > etc/udev/udev.conf"
    )
    UdevWorkers.limit(below: shop[""])
    #expect(
      try shop.bash("cat etc/udev/udev.conf")
        == "children_max=9\n# oldmem:\nchildren_max=2\n"
    )
  }

  @Test func anInitramfsWithoutUdevStaysAsItIs() throws {
    try shop.bash("mkdir etc")
    UdevWorkers.limit(below: shop[""])
    #expect(try shop.bash("find . -type f").isEmpty)
  }
}
