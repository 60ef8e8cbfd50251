// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// With oldmem broken in every way, the dump still completes.
  ///
  /// The reservation is the stock minimum for this initramfs, 144M as
  /// measured by small-crashkernel, and 4 MiB.
  static let failsOpen: Scenario = {
    // Without it makedumpfile walks the free lists; oldmem must not guess.
    let damagedKey = "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)"
    var base = Trial(name: "", capture: .kdump)
    base.disks = [.root, .data]
    base.crashkernel = MemorySize(mebibytes: 148)
    base.expectations = [.passes, .dump(true), .console("oldmem:"), .ends]

    func trial(_ name: String, _ change: (inout Trial) -> Void) -> Trial {
      var trial = base
      trial.name = name
      trial.oldmem = OldmemUse()
      change(&trial)
      return trial
    }
    func hooked(_ name: String, _ settings: String) -> Trial {
      trial(name) {
        $0.oldmem?.hook = "stephook"
        $0.oldmem?.hookSettings = settings + "\n"
      }
    }

    /// The same machine without oldmem, where the fault might be to blame.
    func stock(_ name: String, _ change: (inout Trial) -> Void) -> Trial {
      var trial = base
      trial.name = name
      trial.expectations = [.passes, .dump(true), .ends]
      change(&trial)
      return trial
    }

    var trials = [
      stock("stock") { _ in },
      stock("stock-no-free-memory") { $0.fillsMemory = true },
      stock("stock-damaged-vmcoreinfo") { $0.damagedKey = damagedKey },
      trial("no-module") { $0.oldmem?.damage = .noModules },
      hooked(
        "ublk-refused",
        // ublks_max would not do: it is about unprivileged devices only.
        "serve write /proc/sys/kernel/io_uring_disabled 2"
      ),
      trial("no-free-memory") { $0.fillsMemory = true },
      trial("damaged-vmcoreinfo") { $0.damagedKey = damagedKey },
    ]
    for step in ["module", "find", "route", "serve", "swapon"] {
      for signal in ["ILL", "KILL", "STOP"] {
        trials.append(
          hooked("\(signal)-at-\(step)", "\(step) signal \(signal)")
        )
      }
    }
    // The child that calls swapon can only be ended after its server.
    trials.append(
      hooked("server-hung-at-swapon", "swapon signal STOP @")
    )
    // From here on a dump is not promised, only an end in time.
    trials += [
      trial("truncated-stage-two") {
        $0.oldmem?.damage = .truncatedStageTwo
      },
      hooked("server-dead", "handover signal KILL @"),
      hooked("server-hung", "handover signal STOP @"),
    ].map { trial in
      var trial = trial
      trial.crashkernel = MemorySize(mebibytes: 92)
      trial.expectations = [.ends]
      return trial
    }
    return Scenario(
      name: "fails-open",
      summary: "whatever of oldmem fails, the dump is written or it reboots",
      trials: trials
    )
  }()
}
