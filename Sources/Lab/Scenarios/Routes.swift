// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Swap over each way that is not the usual one: a hog's words are verified,
  /// and every frame that was not chosen keeps its content.
  static let routes: Scenario = {
    var module = Trial.comparing("oldmem", settings: ["route=oldmem"])
    module.oldmem?.hasModule = true
    module.expectations += [
      .console("oldmem: route: /dev/oldmem"), .console("swap on /dev/"),
    ]

    var closed = module
    closed.name = "closed"
    closed.oldmem?.hasModule = false
    closed.append = "lab.control"
    closed.expectations = [
      .passes,
      .console("/dev/oldmem is closed: the module oldmem is not loaded"),
      .carriesOnWithout, .silence("swap on /dev/"), .ends,
    ]
    // Who swaps is lost when the kernel's own drivers have made the device, and
    // nothing of it may stay.
    var gone = Trial.comparing("dm-gone", settings: ["route=dm"])
    gone.append = "memmap=704M!512M lab.control"
    gone.oldmem?.packsStitching = true
    gone.oldmem?.hookSettings = "module load\nswapon signal KILL\n"
    gone.expectations = [
      .passes, .ends, .silence("swap on /dev/"),
      .console("swapon: the child was killed by signal 9"),
      .fact("mapped-devices", "0"),
    ]
    return Scenario(
      name: "routes",
      summary: "swap over /dev/oldmem, and what is said where it is closed",
      trials: [module, closed, gone]
    )
  }()
}
