// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

@Test(arguments: DebianGuest.Target.allCases)
func noGuestIsToldAnythingOfOldmem(target: DebianGuest.Target) {
  for stack in [DebianGuest.Stack.kdumpToolsDep, .kdumpToolsMost] {
    var guest = DebianGuest(stack: stack, target: target)
    guest.deed = .purge
    // All else is what the package has installed.
    #expect(guest.words.allSatisfy { $0.hasPrefix("lab.") })
  }
}

@Test func eachInitramfsAndEachOtherDiskHasADiskToBootFrom() {
  let guests = DebianGuest.Target.allCases.map {
    DebianGuest(stack: .kdumpToolsDep, target: $0)
  }
  #expect(
    guests.map(\.setUp) == ["dep", "dep", "dep", "lvm", "multipath"]
  )
  #expect(DebianGuest(stack: .kdumpToolsMost, target: .ssh).setUp == "most")
}

@Test func whatThePackageIsJudgedByIsLoadedByKdumpToolsAlone() throws {
  let scenarios = [
    Scenario.kdumpTools, .debianPackage, .debianStorage,
  ]
  for trial in scenarios.flatMap(\.trials) where trial.oldmem != nil {
    // Settings and words of the lab's would be none of the package's.
    #expect(trial.append.isEmpty && trial.oldmem?.settings.isEmpty == true)
    #expect(trial.oldmem?.hook == nil)
  }
}
