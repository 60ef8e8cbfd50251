// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// What the package does when the machine it is on changes between the load
  /// and the crash.
  static let debianPackage = Scenario(
    name: "debian-package",
    summary: "Debian's package: levels that change, copies, removal",
    trials: [
      missed(), noticed(), copied(), removed(), judged(oldmem: false),
      judged(oldmem: true), held("held", .kdumpToolsDep, 72),
      held("held-most", .kdumpToolsMost, 76),
    ]
  )

  /// /var/crash on a logical volume, and on a disk with two paths.
  static let debianStorage = Scenario(
    name: "debian-storage",
    summary: "a real Debian dumps to LVM and to a multipath disk",
    // multipathd locks its memory, 24 MiB that cannot be swapped out: at 92M it
    // is killed, and with it the way to the disk.
    trials: [(DebianGuest.Target.lvm, 80), (.multipath, 116)].flatMap {
      target,
      size in
      let guest = DebianGuest(stack: .kdumpToolsDep, target: target)
      return [
        debianAmple("\(target.rawValue)-ample", guest, 160),
        debianWithPackage("\(target.rawValue)-oldmem", guest, size),
      ]
    }
  )

  private static func doing(
    _ deed: DebianGuest.Deed,
    _ mebibytes: Int
  ) -> Trial {
    var guest = DebianGuest(stack: .kdumpToolsDep, target: .disk)
    guest.deed = deed
    var trial = debianAmple(deed.rawValue, guest, mebibytes)
    trial.oldmem = OldmemUse()
    return trial
  }

  /// A level by which memory that was lent is dumped: the dump says so.
  private static func missed() -> Trial {
    var trial = doing(.levelMissed, 76)
    trial.expectations += [
      .console("oldmem: swap on /dev/ublkb0"), .fact("marked", "yes"),
      .atLeast(fact: "frames-listed", 1),
    ]
    return trial
  }

  /// The same, noticed before the crash: nothing is lent.
  private static func noticed() -> Trial {
    var trial = doing(.levelNoticed, 96)
    trial.expectations += [
      .fact("put-back", "yes"), .silence("oldmem: swap on"),
      .fact("marked", "no"), .fact("frames-listed", "0"),
    ]
    return trial
  }

  /// kdump-config copies all memory: the copy is marked, and the list of what
  /// was lent beside it; everything else is as it was.
  private static func copied() -> Trial {
    var trial = doing(.copy, 76)
    trial.memory = MemorySize(mebibytes: 1024)
    trial.savesMemory = true
    trial.expectations = [
      .ends, .console("oldmem: swap on /dev/ublkb0"), .fact("copied", "yes"),
      .fact("marked", "yes"), .atLeast(fact: "frames-listed", 1),
      .fact("memory-saved", "before anything was lent"),
      .atLeast(fact: "copy-frames", 200_000), .fact("copy-frames-differ", "0"),
      .atLeast(fact: "lent-frames-differ", 1),
      .atLeast(fact: "dump-frames", 10_000), .fact("dump-frames-differ", "0"),
      .fact("frames-missing", "0"), .fact("frames-added", "0"),
    ]
    return trial
  }

  /// Stage two lies in the system that crashes: a reservation that would be too
  /// small for the whole image is enough.
  private static func held(
    _ name: String,
    _ stack: DebianGuest.Stack,
    _ mebibytes: Int
  ) -> Trial {
    var guest = DebianGuest(stack: stack, target: .disk)
    guest.deed = .hold
    var trial = debianAmple(name, guest, mebibytes)
    trial.oldmem = OldmemUse()
    trial.expectations += [
      .console("oldmem: stage two is held"), .atLeast(fact: "held-kib", 4000),
      .fact("loads-by-service", "1"), .fact("loads-by-others", "0"),
      .fact("cycles", "0"), .fact("oldmem-test-status", "0"),
      .console("oldmem: swap on /dev/ublkb0"), .fact("image-mode", "600"),
      .atLeast(fact: "frames-listed", 1), .fact("marked", "no"),
    ]
    return trial
  }

  /// kdump-tools' own initrd is what is loaded, and dumps.
  private static func removed() -> Trial {
    var trial = doing(.purge, 96)
    trial.name = "removed"
    trial.expectations += [
      .fact("put-back", "yes"), .silence("oldmem: "),
      .fact("marked", "no"), .fact("frames-listed", "0"),
    ]
    return trial
  }

  /// Frame by frame the dump is what makedumpfile writes, on the host, of the
  /// memory that QEMU has saved; and drgn finds in it who panicked, and how.
  private static func judged(oldmem: Bool) -> Trial {
    let guest = DebianGuest(stack: .kdumpToolsDep, target: .disk)
    var trial =
      oldmem
      ? debianWithPackage("judged", guest, 76)
      : debianAmple("judged-stock", guest, 96)
    trial.savesMemory = true
    trial.expectations += [
      .fact("memory-saved", "before anything was lent"),
      .atLeast(fact: "dump-frames", 10_000), .fact("dump-frames-differ", "0"),
      .fact("frames-missing", "0"), .fact("frames-added", "0"),
      .fact("state-lost", "0"), .fact("log-ends-in-panic", "yes"),
    ]
    return trial
  }
}
