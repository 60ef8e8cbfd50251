// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Linux
import Supervisor

/// A process that waits for a dump to make no progress, and then saves what the
/// settings want to be saved, once.
///
/// It ends nothing: a dump that goes on after all is not harmed.
enum Watchdog {
  /// Seconds between two looks.
  private static let step: UInt32 = 5

  /// Starts it, if the settings want it; nobody depends on it.
  ///
  /// It is a child's child, so that PID 1 hears when it is ready, and leaves the
  /// root where its program lies only then.
  static func start() {
    let child = try? Child { report in
      let settings = Settings.ofThisBoot(quietly: true)
      guard settings.watchdog > 0, !settings.rescue.isEmpty else { return 0 }
      do throws(Errno) {
        guard try Process.fork() == nil else { return 0 }
        throw report.execute(Boot.program, arguments: ["@oldmemd", "watch"])
      } catch { Console.say("watchdog: \(error)", .problem) }
      return Child.refusal
    }
    guard let child else { return }
    _ = child.follow(first: .rescue, patience: Boot.patience) { _, _ in }
  }

  static func run() -> Never {
    let report = StepReport.inherited()
    Process.setName("oldmemd-watch")
    let settings = Settings.ofThisBoot(quietly: true)
    do throws(Errno) {
      try Shield.raise()
      try Kernel.lockMemory(.asItComes)
      let proc = try Descriptor("/proc", .read)
      drop(report)
      wait(settings, proc)
      // What it starts may be chosen by the OOM killer before those who serve, and
      // ended by init as others are.
      try? Process.startSession()
      try? Process.becomeOrdinary(proc: proc)
    } catch {
      Console.say("watchdog: \(error)", .problem)
      Process.exit(1)
    }
    Process.exit(RescueAction(settings).run() ? 0 : 1)
  }

  private static func wait(
    _ settings: Settings,
    _ proc: borrowing Descriptor
  ) {
    var last: UInt64?
    var still: UInt32 = 0
    while still < settings.watchdog {
      Clock.sleep(milliseconds: step * 1000)
      // Each time: what is at the root changes when init moves on.
      try? Process.enterMounts(of: 1, proc: proc)
      let sum = DumpProgress.sum()
      // One that has begun or ended is progress, too.
      still = sum == last ? still + step : 0
      last = sum
    }
    Console.say(
      last == nil
        ? "watchdog: for \(still) s nobody has had /proc/vmcore open"
        : "watchdog: the dump has made no progress for \(still) s",
      .problem
    )
  }

  /// Lets PID 1 go on.
  private static func drop(_ report: consuming StepReport) {}
}
