// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

/// What old memory is used for is what the settings say, and what makes no
/// sense changes nothing.
@Suite struct UsesTests {
  private func settings(_ text: String) -> (Settings, problems: Int) {
    var settings = Settings()
    var problems = 0
    settings.apply(file: Array(text.utf8).span) { _ in problems += 1 }
    return (settings, problems)
  }

  @Test func nothingBecomesRAMUnlessSomebodyAsks() {
    let (plain, _) = settings("")
    #expect(plain.uses.swap)
    #expect(plain.hotplug == nil)
  }

  @Test(arguments: [
    ("hotplug", false, false), ("swap, hotplug", true, false),
    ("hotplug,swap", true, false), ("swap , scratch,hotplug", true, true),
  ])
  func hotplugIsAloneOrBesideOthers(
    list: String,
    swap: Bool,
    scratch: Bool
  ) {
    let (read, problems) = settings("use = \(list)\n")
    #expect(problems == 0)
    #expect(read.uses.swap == swap)
    #expect((read.scratch != nil) == scratch)
    #expect(read.hotplug == HotplugSpace())
  }

  @Test func sizeAndZoneAreTakenAndFramesAreWatched() {
    let (read, problems) = settings(
      "use = hotplug\nhotplug-size = 100000001\nhotplug-zone = movable\n"
    )
    #expect(problems == 0)
    #expect(read.hotplug?.size == 100_000_001 / 4096 * 4096)
    #expect(read.hotplug?.isMovable == true)
    // No checksum guards RAM, so it is watched even where swap is not.
    #expect(read.settleTime == 0)
    #expect(read.hotplugSettleTime == 2)
    #expect(settings("settle = 0\n").0.hotplugSettleTime == 0)
    #expect(settings("settle = 60\n").0.hotplugSettleTime == 60)
  }

  @Test(arguments: [
    "use = scratch, hotplug", "use = hotplug,", "use = swap hotplug",
    "use = plug", "hotplug-size = 1K", "hotplug-size = 2048T",
    "hotplug-size =", "hotplug-zone = normal", "hotplug-zone =",
  ])
  func whatMakesNoSenseIsLeftAside(line: String) {
    let (read, problems) = settings(line + "\n")
    #expect(problems == 1)
    #expect(read.uses == Uses())
    #expect(read.hotplugSpace == HotplugSpace())
  }
}
