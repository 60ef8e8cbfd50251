// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Supervisor

/// Where servers and those who stand by say what they do, opened before
/// anybody has to.
///
/// The kernel takes ten lines in five seconds from each opening of its log, and
/// a burst of damage has more to say: what is worse must not be what is left
/// out.
struct Voice: ~Copyable {
  /// For what becomes of the processes, and for changes of health.
  let log: Log
  /// For blocks of which no copy is good.
  let losses: Log
  /// For what could be made good.
  let damage: Log
  private let lastResort: LastResort?

  init(_ target: Log.Target, lastResort: consuming LastResort?) {
    log = Log(target)
    losses = Log(target)
    damage = Log(target)
    self.lastResort = lastResort
  }

  /// Says that nobody serves, and restarts a capture kernel.
  func despair(_ reason: Line) -> Never {
    switch lastResort {
    case .some(let lastResort): lastResort.restart(because: reason, log: log)
    case nil: log.say(reason, .problem)
    }
    Process.exit(Child.refusal)
  }
}
