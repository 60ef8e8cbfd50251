// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Quiesce

/// Cutting devices off, and saying so.
enum DriverlessDevices {
  /// Cuts off the devices that have no driver.
  ///
  /// Whatever fails, lending goes on: without this it would have gone on too.
  static func cutOff(progress: () -> Void) {
    let summary = Quiesce.cutOffDriverless { address, classText, outcome in
      progress()
      guard let sentence = outcome.sentence else { return }
      Console.say(
        "quiesce: \(address) class \(classText): \(sentence)",
        outcome == .cutOff ? .notice : .problem
      )
    }
    guard let summary else {
      Console.say("quiesce: \(Quiesce.functions) is not there", .problem)
      return
    }
    Console.say("quiesce: \(summary.sentence)")
  }
}
