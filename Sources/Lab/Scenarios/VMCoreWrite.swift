// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// A capture kernel with our patches, in which /proc/vmcore is written.
  ///
  /// The kernel's selftest says what must arrive and what must be refused;
  /// lab/guest/vmcorewrite.c has a second way to old memory, and a clock.
  static let vmcoreWrite: Scenario = {
    var pace = Trial(
      name: "pace",
      capture: .lab(
        script: "vmcore-write.sh",
        programs: ["vmcorewrite"],
        modules: []
      )
    )
    pace.captureKernel = .built("kernel")
    pace.tools = [".build/kernel/kernel/proc-vmcore-write"]
    pace.append = "vmcore_write lab.parts=selftest,pace"
    pace.expectations = [
      .passes, .ends, .console("vmcore: old memory may be written"),
      .fact("vmcore-to-write", "opens"), .fact("mem-to-write", "opens"),
      .fact("selftest-failed", "0"), .atLeast(fact: "selftest-passed", 35),
      .atLeast(fact: "pace-ratio", 0.9),
    ]

    // Nothing is as it was not before.
    var readOnly = pace
    readOnly.name = "no-parameter"
    readOnly.append = "lab.parts=selftest"
    readOnly.expectations = [
      .passes, .ends, .silence("old memory may be written"),
      .fact("selftest-failed", "0"), .fact("selftest-passed", "8"),
    ]

    // A loader that is wrong: what it said is old is RAM here.
    var own = pace
    own.name = "own-memory"
    own.append = "vmcore_write memmap=16M@1G lab.parts=selftest,frames"
    own.expectations = [
      .passes, .ends, .fact("selftest-failed", "0"),
      .atLeast(fact: "selftest-passed", 38),
      // 16 MiB are 4096 frames; x86 keeps a gap behind RAM.
      .atLeast(fact: "frames-busy", 4096),
      .atMost(fact: "frames-busy", 4096 + 2 * 16384),
      .atLeast(fact: "frames-mapped", 400_000), .fact("frames-wrong", "0"),
    ]

    var locked = pace
    locked.name = "locked-down"
    locked.append = "vmcore_write lockdown=integrity lab.parts=none"
    locked.expectations = [
      .passes, .ends,
      .fact("vmcore-to-write", "Operation not permitted"),
      .fact("vmcore-to-read", "opens"),
      .console("Lockdown: vmcorewrite: /dev/mem"),
    ]

    // 160 MiB of a device that plugs in 128 MiB at a time: its driver knows
    // that the rest of the second block is no RAM.
    var plugged = pace
    plugged.name = "not-ram"
    plugged.pluggedMemory = MemorySize(mebibytes: 160)
    plugged.append = "vmcore_write lab.parts=selftest,frames"
    plugged.expectations = [
      .passes, .ends, .fact("selftest-failed", "0"),
      .atLeast(fact: "frames-not-ram", 4096),
      .atLeast(fact: "frames-mapped", 400_000), .fact("frames-wrong", "0"),
      .fact("zero-page-written", "0"),
    ]
    // What it is for: swap, a hog whose words are verified, and every frame
    // that was not chosen keeps its content.
    var swap = Trial.comparing(
      "swap",
      modules: [],
      settings: ["route=vmcore"]
    )
    swap.captureKernel = .built("kernel")
    swap.crashkernel = MemorySize(mebibytes: 80)
    swap.append = "vmcore_write"
    swap.expectations += [
      .console("oldmem: route: /proc/vmcore"), .console("swap on /dev/"),
    ]

    var closed = swap
    closed.name = "swap-no-parameter"
    closed.append = "lab.control"
    closed.expectations = [
      .passes, .ends, .silence("swap on /dev/"), .carriesOnWithout,
    ]
    return Scenario(
      name: "vmcore-write",
      summary: "a patched capture kernel: /proc/vmcore is written",
      trials: [
        pace, readOnly, own, locked, plugged, swap, closed,
      ]
    )
  }()
}
