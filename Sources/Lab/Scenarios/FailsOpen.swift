// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// With oldmem broken in every way, the dump still completes.
  ///
  /// The reservation is the stock minimum for this initramfs, 144M as
  /// measured by small-crashkernel, and 4 MiB.
  static let failsOpen = Scenario(
    name: "fails-open",
    summary: "whatever of oldmem fails, the dump is written or it reboots",
    trials: controls + refusals + lostChildren + tooLate + replaced + byNBD
  )

  /// Without it makedumpfile walks the free lists; oldmem must not guess.
  private static let damagedKey = "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)"

  /// The machines without oldmem, where the fault might be to blame.
  private static var controls: [Trial] {
    func stock(_ name: String, _ change: (inout Trial) -> Void) -> Trial {
      var trial = machine(name)
      trial.expectations = [.passes, .dump(true), .ends]
      change(&trial)
      return trial
    }
    return [
      stock("stock") { _ in },
      stock("stock-no-free-memory") { $0.fillsMemory = true },
      stock("stock-damaged-vmcoreinfo") { $0.damagedKey = damagedKey },
    ]
  }

  /// What oldmem sees and refuses.
  private static var refusals: [Trial] {
    [
      // finit_module of an empty file.
      trial("no-module", says: "module: /oldmem/modules/00-ublk_drv.ko: ") {
        $0.oldmem?.damage = .noModules
      },
      // No control device of the driver's: io_uring refuses the command.
      trial("ublk-refused", says: "serve: ublk: ") {
        $0.hook("serve replace /dev/ublk-control /dev/full")
      },
      // Some 10 MiB are always free: no run of 16 MiB is among them.
      trial("no-free-memory", says: "find: only ") {
        $0.fillsMemory = true
        $0.oldmem?.settings = ["minimum-run=4096", "lend=free"]
      },
      trial(
        "damaged-vmcoreinfo",
        says: "find: /proc/vmcore: VMCOREINFO lacks \(damagedKey)"
      ) { $0.damagedKey = damagedKey },
    ]
  }

  /// What becomes of oldmem's children at each step before swap is in use.
  private static var lostChildren: [Trial] {
    // PID 1 waits for 30 seconds.
    let silence = "nothing heard for 30 s"
    let faults = [
      ("ILL", "the child was killed by signal 4"),
      ("KILL", "the child was killed by signal 9"),
      ("STOP", silence),
    ]
    // Once it has its shield, the kernel continues a server that is stopped.
    let shielded = ["find", "route", "serve"]
    var trials: [Trial] = []
    for step in ["module"] + shielded + ["swapon"] {
      for (signal, words) in faults {
        var trial = trial("\(signal)-at-\(step)", says: "\(step): \(words)") {
          $0.hook("\(step) signal \(signal)")
        }
        if signal == "STOP", shielded.contains(step) {
          trial.expectations = [
            .passes, .dump(true), .console("swap on /dev/"), .ends,
          ]
        }
        trials.append(trial)
      }
    }
    for step in shielded {
      trials.append(
        trial("frozen-at-\(step)", says: "\(step): \(silence)") {
          $0.hook("\(step) freeze")
        }
      )
    }
    // The child that calls swapon can only be ended after its server.
    trials.append(
      trial("server-hung-at-swapon", says: "swapon: \(silence)") {
        $0.hook("swapon freeze @")
      }
    )
    return trials
  }

  /// From here on a dump is not promised, only an end in time.
  private static var tooLate: [Trial] {
    func trial(
      _ name: String,
      says line: String,
      _ change: (inout Trial) -> Void
    ) -> Trial {
      var trial = machine(name)
      trial.oldmem = OldmemUse()
      trial.crashkernel = MemorySize(mebibytes: 92)
      trial.expectations = [.console("oldmem: \(line)"), .ends]
      change(&trial)
      return trial
    }
    return [
      trial("truncated-stage-two", says: "unpack: stage two: part ") {
        $0.oldmem?.damage = .truncatedStageTwo
      },
      trial("no-manifest", says: "unpack: stage two: its manifest") {
        $0.oldmem?.damage = .noManifest
      },
    ]
  }

  /// Once swap is in use, another server takes over, and the dump is written.
  private static var replaced: [Trial] {
    func trial(
      _ name: String,
      says line: String,
      _ change: (inout Trial) -> Void
    ) -> Trial {
      var trial = machine(name)
      trial.oldmem = OldmemUse()
      trial.crashkernel = MemorySize(mebibytes: 92)
      trial.expectations = [
        .passes, .dump(true), .console("oldmem: \(line); process "),
        .silence("what was swapped out is lost"), .ends,
      ]
      change(&trial)
      return trial
    }
    return [
      trial("server-dead", says: "the server died") {
        $0.hook("handover signal KILL @")
      },
      trial("server-hung", says: "the server hung") {
        $0.hook("handover freeze @")
      },
    ]
  }

  /// The same where the device is one of NBD's, whose keeper connects servers.
  private static var byNBD: [Trial] {
    func byNBD(_ trial: Trial) -> Trial {
      var trial = trial
      trial.oldmem?.modules = ["nbd"]
      return trial
    }
    // What is left of oldmem goes on, and the dump is written.
    var alone = machine("nbd-keeper-dead")
    alone.oldmem = OldmemUse()
    alone.hook("handover signal KILL @keeper")
    alone.expectations = [
      .passes, .dump(true), .console("swap on /dev/nbd0"), .ends,
    ]
    // Nobody is left who could serve: what counts is that it ends.
    var lost = machine("nbd-keeper-and-server-dead")
    lost.oldmem = OldmemUse()
    lost.hook("handover signal KILL @keeper\nhandover signal KILL @")
    lost.expectations = [
      .console("oldmem: the server and its keeper died: what was swapped"),
      .ends,
    ]
    return [
      trial("nbd-refused", says: "serve: nbd: ") {
        $0.oldmem?.settings = ["device=nbd"]
      },
      byNBD(
        trial("nbd-server-dead-at-swapon", says: "swapon: ") {
          $0.hook("swapon signal KILL @")
        }
      ),
      byNBD(
        trial("nbd-keeper-and-server-dead-at-swapon", says: "swapon: ") {
          $0.hook("swapon signal KILL @keeper\nswapon signal KILL @")
        }
      ),
      byNBD(alone), byNBD(lost),
    ]
  }

  /// A trial in which oldmem says `line` and that it carries on without, no
  /// swap is used, and the dump is written.
  private static func trial(
    _ name: String,
    says line: String,
    _ change: (inout Trial) -> Void
  ) -> Trial {
    var trial = machine(name)
    trial.oldmem = OldmemUse()
    trial.expectations = [
      .passes, .dump(true), .line("oldmem: \(line)", "; carrying on without"),
      .silence("swap on /dev/"), .ends,
    ]
    change(&trial)
    return trial
  }

  private static func machine(_ name: String) -> Trial {
    var trial = Trial(name: name, capture: .kdump)
    trial.disks = [.root, .data]
    trial.crashkernel = MemorySize(mebibytes: 148)
    trial.anonymous = 64
    // PID 1 waits 30 s for a silent child; a server that hangs is replaced
    // after 20 s.
    trial.limit = 400
    return trial
  }
}

extension Trial {
  fileprivate mutating func hook(_ action: String) {
    oldmem?.hook = "stephook"
    oldmem?.hookSettings = action + "\n"
  }
}
