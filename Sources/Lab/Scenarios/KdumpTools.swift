// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// A real Debian, from systemd's first boot to the dump on its target, with
  /// kdump-tools as it is shipped, and oldmem as its package installs it.
  ///
  /// Stock fails below its own minimum to the disk, which `oldmem-lab minimum`
  /// finds and which is taken for the others' too, and stands with 8 MiB more;
  /// with oldmem it stands far below.
  static let kdumpTools = Scenario(
    name: "kdump-tools",
    summary: "a real Debian dumps to disk, SSH and NFS, with kdump-tools",
    trials: [DebianGuest.Target.disk, .ssh, .nfs].flatMap { target in
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
    let start = "\(name)-\(target.rawValue)"
    let ample = debianAmple("\(start)-ample", guest, sizes.ample)

    var stock = ample
    stock.name = "\(start)-stock"
    stock.crashkernel = MemorySize(mebibytes: sizes.tooSmall)
    // Crashed, and out of memory: a machine that does neither fails as well.
    stock.expectations = [
      .dump(false), .console("Kernel panic - not syncing: sysrq triggered"),
      .console("Kernel panic - not syncing: System is deadlocked on memory"),
    ]
    return [
      stock, ample, debianWithPackage("\(start)-oldmem", guest, sizes.oldmem),
    ]
  }

  /// Without oldmem, and with memory enough.
  static func debianAmple(
    _ name: String,
    _ guest: DebianGuest,
    _ mebibytes: Int
  ) -> Trial {
    var trial = Trial(name: name, capture: .debian(guest))
    trial.crashkernel = MemorySize(mebibytes: mebibytes)
    trial.limit = 1800
    trial.expectations = [.dump(true), .silence("Out of memory"), .ends]
    return trial
  }

  /// With oldmem's package: kdump-tools' own service has loaded its image, and
  /// nobody since.
  static func debianWithPackage(
    _ name: String,
    _ guest: DebianGuest,
    _ mebibytes: Int
  ) -> Trial {
    var trial = debianAmple(name, guest, mebibytes)
    trial.oldmem = OldmemUse()
    trial.expectations += [
      .console("oldmem: swap on /dev/ublkb0"),
      .fact("loads-by-service", "1"), .fact("loads-by-others", "0"),
      .atLeast(fact: "frames-listed", 1), .fact("marked", "no"),
      .atLeast(fact: "record-samples", 5),
      .atLeast(fact: "record-frames", 1),
    ]
    return trial
  }
}
