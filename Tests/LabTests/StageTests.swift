// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private func stages(of console: [String]) -> [Stage] {
  var stage = Stage.starting
  return console.compactMap { line in stage.advance(on: line) ? stage : nil }
}

@Test func aDumpIsFollowedFromTheFirstKernelToTheEnd() {
  let console = [
    "[    0.000000] Linux version 6.12.117",
    "[    2.364424] Run /init as init process",
    "[   10.081423] Kernel panic - not syncing: sysrq triggered crash",
    "[    0.000000] Linux version 6.12.117",
    "[    2.231233] Run /oldmem/init as init process",
    "[    2.934583] oldmem: 256 MiB lent, 2 copies: /dev/ublkb0 after 535 ms",
    "lab: makedumpfile starts at 15.63 s, 25484 KiB available",
    "lab: verdict pass dumped",
    "[   24.275974] reboot: Power down",
  ]
  #expect(
    stages(of: console) == [
      .firstKernel, .firstSystem, .captureKernel, .oldmem, .captureSystem,
      .dump, .end,
    ]
  )
}

@Test func thePanicOfTheCaptureKernelIsTheEnd() {
  let console = [
    "[    0.000000] Linux version 6.12.117",
    "[   10.081423] Kernel panic - not syncing: sysrq triggered crash",
    "[    0.000000] Linux version 6.12.117",
    "[    2.5] Kernel panic - not syncing: System is deadlocked on memory",
  ]
  #expect(stages(of: console).last == .end)
}

@Test func theCommandLineIsNoSignOfOldmem() {
  var stage = Stage.captureKernel
  let advanced = stage.advance(on: "Command line: oldmem.dump-level=31 quiet")
  #expect(!advanced)
}
