// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Supervisor

/// Where servers and those who stand by say what they do, opened before
/// anybody has to.
struct Voice: ~Copyable {
  let log: Log
  private let lastResort: LastResort?

  init(_ target: Log.Target, lastResort: consuming LastResort?) {
    log = Log(target)
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
