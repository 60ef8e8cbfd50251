// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private func observation(_ change: (inout Observation) -> Void) -> Observation {
  var observation = Observation()
  change(&observation)
  return observation
}

@Test func silenceOfTheGuestIsNoPass() {
  #expect(!Expectation.passes.isMet(by: Observation()))
}

@Test func theLastVerdictCounts() {
  let seen = observation {
    $0.note(.verdict(passed: true, reason: "early"))
    $0.note(.verdict(passed: false, reason: "late"))
  }
  #expect(!Expectation.passes.isMet(by: seen))
}

@Test func aMachineThatHadToBeStoppedDidNotEnd() {
  #expect(!Expectation.ends.isMet(by: observation { $0.timedOut = true }))
}

@Test func consoleLinesAreFoundByPart() {
  let seen = observation { $0.console = ["[ 1.0] Kernel panic - not syncing"] }
  #expect(Expectation.console("Kernel panic").isMet(by: seen))
  #expect(!Expectation.silence("Kernel panic").isMet(by: seen))
  #expect(!Expectation.console("Out of memory").isMet(by: seen))
}

@Test func aFactThatIsMissingOrNoNumberIsNotAtMost() {
  let expectation = Expectation.atMost(fact: "seconds", 1.5)
  #expect(!expectation.isMet(by: Observation()))
  #expect(!expectation.isMet(by: observation { $0.facts["seconds"] = "soon" }))
  #expect(!expectation.isMet(by: observation { $0.facts["seconds"] = "1.6" }))
  #expect(expectation.isMet(by: observation { $0.facts["seconds"] = "1.5" }))
}

@Test func factsThatAreMissingAreNotTheSame() {
  let expectation = Expectation.same(fact: "found", as: "damaged")
  #expect(!expectation.isMet(by: Observation()))
  #expect(!expectation.isMet(by: observation { $0.facts["damaged"] = "7" }))
  #expect(
    !expectation.isMet(
      by: observation { $0.facts = ["found": "7", "damaged": "8"] }
    )
  )
  #expect(
    expectation.isMet(
      by: observation { $0.facts = ["found": "8", "damaged": "8"] }
    )
  )
}

@Test func theIntendedPanicIsNotDecisive() {
  let seen = observation {
    $0.console = [
      "Kernel panic - not syncing: sysrq triggered crash",
      "Kernel panic - not syncing: System is deadlocked on memory",
    ]
  }
  #expect(seen.decisiveLines == [seen.console[1]])
}

@Test func aScenarioWithoutTrialsDoesNotPass() {
  let result = ScenarioResult(scenario: "x", accelerator: "tcg", trials: [])
  #expect(!result.passed)
}

@Test func everyTrialExpectsSomethingAndHasItsOwnName() {
  #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
  for scenario in Scenario.all {
    #expect(!scenario.trials.isEmpty)
    #expect(Set(scenario.trials.map(\.name)).count == scenario.trials.count)
    for trial in scenario.trials {
      #expect(!trial.expectations.isEmpty, "\(scenario.name)/\(trial.name)")
      // QEMU cuts a disk's serial number off at 20 bytes.
      #expect(trial.disks.allSatisfy { $0.name.utf8.count <= 20 })
    }
  }
}

@Test func commasInPathsAreDoubled() {
  var arguments = MachineArguments()
  arguments.pipes = "/a,b"
  #expect(arguments.list.contains { $0.contains("path=/a,,b/serial") })
}

@Test func pagesAreCountedOrTheKernelHasNone() {
  let expectation = Expectation.pages(kind: "thp", 8)
  #expect(!expectation.isMet(by: Observation()))
  #expect(
    !expectation.isMet(by: observation { $0.facts["workload-thp"] = "7" })
  )
  #expect(expectation.isMet(by: observation { $0.facts["workload-thp"] = "8" }))
  #expect(
    expectation.isMet(by: observation { $0.facts["missing-thp"] = "no such" })
  )
}

@Test func aVMCoreIsNamedAfterKernelVariantAndMemory() {
  var trial = Trial(name: "x", capture: .kdump)
  #expect(trial.vmcoreName(release: "6.1") == "6.1-2G.vmcore")
  trial.variant = "numa"
  trial.memory = MemorySize(mebibytes: 1536)
  #expect(trial.vmcoreName(release: "6.1") == "6.1-numa-1536M.vmcore")
}

/// One would take the other's place.
@Test func vmcoresOfOneKernelHaveNamesOfTheirOwn() {
  let trials = Scenario.all.flatMap(\.trials).filter {
    $0.disks.contains(.vmcore)
  }
  let names = trials.map { $0.vmcoreName(release: "") }
  #expect(Set(names).count == names.count)
  #expect(names.count > 1)
}

@Test func factsAreListedInTheOrderOfTheirKeys() {
  let seen = observation { $0.facts = ["b": "2 3", "a": "1"] }
  #expect(seen.factSheet == "a 1\nb 2 3\n")
}
