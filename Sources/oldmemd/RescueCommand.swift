// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Linux
import Rescue

/// `oldmemd rescue`: what is done when a dump cannot be made, now.
enum RescueCommand {
  static func run(_ arguments: [Path]) -> Never {
    var settings = Settings.ofThisBoot(quietly: true)
    var vmcore: Path?
    var targets = [Path]()
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        targets.append(word)
        continue
      }
      guard let value = rest.popFirst() else {
        Usage.fail("\(word) needs a value")
      }
      switch word {
      case _ where word.equals("--vmcore"): vmcore = value
      case _ where word.equals("--id"):
        guard let id = RescueID(value.text) else {
          Usage.fail("\(word) must be 32 hexadecimal digits")
        }
        settings.rescueID = id
      case _ where word.equals("--key"):
        settings.readRescueKey(from: value)
      default: Usage.fail("no option \"\(word)\"")
      }
    }
    if !targets.isEmpty { settings.rescue = targets }
    guard !settings.rescue.isEmpty else {
      Usage.fail("rescue needs a place, or the setting rescue")
    }
    var action = RescueAction(settings)
    action.log = .standardError
    if let vmcore { action.vmcore = vmcore }
    Process.exit(action.run() ? 0 : 1)
  }
}
