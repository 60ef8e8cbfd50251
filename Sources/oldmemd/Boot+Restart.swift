// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Linux
import Supervisor

/// The end where there is nothing to carry on with.
extension Boot {
  /// Saves the log, where a setting says so: there will be no dump.
  private static func rescue() {
    // What was unpacked of a stage two is of no use to anybody.
    try? Mounts.unmount(newRoot)
    let child = try? Child { report in
      let action = RescueAction(Settings.ofThisBoot(quietly: true))
      return action.run(tick: { report.progress() }) ? 0 : Child.refusal
    }
    guard let child else { return }
    _ = child.follow(first: .rescue, patience: patience, hook: runHook)
  }

  /// The last resort: a machine that comes back rather than one that hangs.
  static func restart(because reason: Line) -> Never {
    Console.say("\(reason); restarting", .problem)
    rescue()
    while true {
      try? Kernel.reboot()
      Clock.sleep(milliseconds: 1000)
    }
  }
}
