// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// A real Debian, from systemd's first boot to the dump on its target, with
  /// kdump-tools as it is shipped.
  ///
  /// Stock fails below its own minimum to the disk, which `oldmem-lab minimum`
  /// finds and which is taken for the others' too, and stands with 8 MiB more;
  /// with oldmem it stands far below.
  static let kdumpTools = Scenario(
    name: "kdump-tools",
    summary: "a real Debian dumps to disk, SSH and NFS, with kdump-tools",
    trials: DebianGuest.Target.allCases.flatMap { target in
      // The modules of NFS, and what loading them takes, cannot be swapped
      // out: at 76M modprobe is killed.
      trials("dep", .kdumpToolsDep, target, (84, 96, target == .nfs ? 80 : 76))
        + trials("most", .kdumpToolsMost, target, (136, 152, 92))
    }
  )

  private static func trials(
    _ name: String,
    _ stack: DebianGuest.Stack,
    _ target: DebianGuest.Target,
    _ sizes: (tooSmall: Int, ample: Int, oldmem: Int)
  ) -> [Trial] {
    let guest = DebianGuest(stack: stack, target: target)
    var ample = Trial(
      name: "\(name)-\(target.rawValue)-ample",
      capture: .debian(guest)
    )
    ample.crashkernel = MemorySize(mebibytes: sizes.ample)
    ample.limit = 1800
    ample.expectations = [.dump(true), .silence("Out of memory"), .ends]

    var stock = ample
    stock.name = "\(name)-\(target.rawValue)-stock"
    stock.crashkernel = MemorySize(mebibytes: sizes.tooSmall)
    // Crashed, and out of memory: a machine that does neither fails as well.
    stock.expectations = [
      .dump(false), .console("Kernel panic - not syncing: sysrq triggered"),
      .console("Kernel panic - not syncing: System is deadlocked on memory"),
    ]

    var oldmem = ample
    oldmem.name = "\(name)-\(target.rawValue)-oldmem"
    oldmem.crashkernel = MemorySize(mebibytes: sizes.oldmem)
    oldmem.oldmem = OldmemUse()
    oldmem.expectations.append(.console("oldmem: swap on /dev/ublkb0"))
    return [stock, ample, oldmem]
  }
}
