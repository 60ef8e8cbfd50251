// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private func results(_ values: [String?]) -> [TrialResult] {
  values.enumerated().map { index, value in
    var observation = Observation()
    observation.facts["ms"] = value
    return TrialResult(
      trial: Trial(name: "time", capture: .kdump),
      name: "time-\(index + 1)",
      kernel: "6.12",
      observation: observation
    )
  }
}

private let median = Median(of: "ms", in: "time", atMost: 10)

@Test func oneBusyMomentDoesNotSpoilTheMedian() {
  #expect(median.check(results(["9", "900", "8"]))?.met == true)
  #expect(median.check(results(["90", "900", "8"]))?.met == false)
}

@Test func aRepeatThatTellsNothingIsNotLeftOut() {
  #expect(median.check(results(["9", nil, "8"]))?.met == false)
}

@Test func aTrialThatWasNotRunIsNotJudged() {
  #expect(median.check([]) == nil)
}

@Test func timesAreTakenFromTheKernelsStamps() {
  var observation = Observation()
  observation.console = [
    "[    3.599036] Run /oldmem/init as init process",
    "[    4.504185] oldmem: 256 MiB lent, 2 copies: /dev/ublkb0 after 650 ms",
    "[    4.533091] Adding 262140k swap on /dev/ublkb0.  Priority:32767",
  ]
  observation.derive()
  #expect(observation.facts["exec-to-device-ms"] == "905")
  #expect(observation.facts["exec-to-swap-ms"] == "934")
}

@Test func memoryThatWasLostIsADifference() {
  var observation = Observation()
  observation.facts = [
    "module.MemAvailable": "5000", "unpack.MemAvailable": "4000",
  ]
  observation.derive()
  #expect(observation.facts["available-lost-kib"] == "1000")
}

@Test func whatTheStoreFoundIsTakenFromItsLastCount() {
  var observation = Observation()
  observation.derive()
  #expect(observation.facts["copies-damaged"] == nil)
  observation.console = [
    "[ 1.0] oldmem: block 9: copy 0 in slot 2 was damaged (4 so far)",
    "[ 2.0] oldmem: block 7: copy 0 in slot 3 was damaged (8 so far)",
    "[ 2.1] oldmem: block 7 is lost: no copy is good (2 so far)",
    "[ 2.2] oldmem: block 8 is lost: no co",
  ]
  observation.derive()
  #expect(observation.facts["copies-damaged"] == "8")
  #expect(observation.facts["blocks-lost"] == "2")
}

@Test func lossesThatTheStoreHasNotCountedAreUntold() {
  for (told, untold) in [("7", "0"), ("6", "0"), ("5", "1"), ("0", "6")] {
    var observation = Observation()
    observation.facts = [
      "hog-pages-lost": "4", "blocks-refused": "2",
      "oldmem_reads_lost_total": told,
    ]
    observation.derive()
    #expect(observation.facts["losses-untold"] == untold)
  }
}

@Test func withoutTheStoresCountNothingIsSaidOfLosses() {
  var observation = Observation()
  observation.facts = ["hog-pages-lost": "0", "blocks-refused": "0"]
  observation.derive()
  #expect(observation.facts["losses-untold"] == nil)
}
