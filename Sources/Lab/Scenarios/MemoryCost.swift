// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// What oldmem itself takes of the reservation, and of the time.
  ///
  /// 256 MiB are lent in two copies. Memory is looked at before the first
  /// step and once swap is on; time in runs of their own, for looking takes
  /// time too.
  static let memoryCost: Scenario = {
    var base = Trial(
      name: "",
      capture: .lab(
        script: "nothing.sh",
        programs: [],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    base.crashkernel = MemorySize(mebibytes: 128)
    base.disks = [.data]

    var memory = base
    memory.name = "memory"
    var use = OldmemUse()
    use.hook = "stephook"
    // The first look warms the kernel's caches up; the second one counts.
    use.hookSettings = """
      module memory
      module memory
      unpack memory

      """
    memory.oldmem = use
    memory.tabulatesMemory = true
    // 16 bytes a block and 2 bits a frame.
    let tables = 65_536 * 16 / 1024 + 131_072 / 4 / 1024
    // One buffer, since this kernel lets the server copy data by itself.
    let buffer = 32
    // Free pages on a processor's own list are not in MemAvailable: two looks
    // differ by some 300 KiB for that alone, more so on a busy host.
    memory.repeats = 3
    memory.expectations = [
      .passes, .ends,
      .atMost(
        fact: "unpack.server.VmRSS",
        Double(1024 + tables + buffer)
      ),
    ]

    var time = base
    time.name = "time"
    time.oldmem = OldmemUse()
    time.repeats = 3
    time.expectations = [
      .passes, .ends, .console("swap on /dev/ublkb"),
    ]
    return Scenario(
      name: "memory-cost",
      summary: "oldmem costs 4 MiB at most, and swap is on within 1.5 s",
      trials: [memory, time],
      medians: [
        Median(of: "available-lost-kib", in: "memory", atMost: 4096),
        Median(of: "exec-to-device-ms", in: "time", atMost: 1500),
        Median(of: "exec-to-swap-ms", in: "time", atMost: 1500),
      ]
    )
  }()
}
