// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private func facts(of console: [String]) -> [String: String] {
  var observation = Observation()
  observation.console = console
  observation.derive()
  return observation.facts
}

private func kill(at seconds: String) -> String {
  "[   \(seconds)] lab: kill of oldmemd-server 131 with 800 KiB free"
}

private func serves(at seconds: String) -> String {
  "[   \(seconds)] oldmem: the server died; process 133 serves after 9 ms"
}

@Test func aRecoveryTakesFromTheDeathToTheNextAnswer() {
  let found = facts(of: [
    kill(at: "5.000000"), serves(at: "5.050400"),
    kill(at: "6.000000"), serves(at: "6.070000"),
    kill(at: "7.000000"), serves(at: "7.210000"),
  ])
  #expect(found["recoveries"] == "3")
  #expect(found["recovery-median-ms"] == "70")
  #expect(found["recovery-max-ms"] == "210")
}

@Test func aSecondDeathMeanwhileDoesNotMakeItShorter() {
  let found = facts(of: [
    kill(at: "5.000000"), kill(at: "6.000000"), serves(at: "6.040000"),
  ])
  #expect(found["recoveries"] == "1")
  #expect(found["recovery-max-ms"] == "1040")
}

@Test func withoutADeathThereIsNoTime() {
  #expect(facts(of: [])["recoveries"] == nil)
  let hung = facts(of: [
    "[   36.216672] oldmem: the server hung; process 132 serves after 2 ms"
  ])
  #expect(hung["recoveries"] == "1")
  #expect(hung["recovery-max-ms"] == nil)
}
