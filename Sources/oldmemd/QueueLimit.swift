// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Ublk

/// How many requests the block layer may have under way: less than the driver
/// has tags for.
///
/// A driver up to Linux 6.14 hears of its server's death through the commands
/// that wait for a request. With a request for each tag nothing waits, and
/// only the requests' own timeout of 30 s tells it. So one tag stays free.
enum QueueLimit {
  /// Sets the limit once the device is there; `isOver` ends the wait for it.
  ///
  /// Not for the server to do: the kernel waits until no request is under way.
  static func set(
    on device: borrowing UblkRegistration,
    isOver: () -> Bool
  ) {
    let folder = DeviceName.ublk(device.number).queue
    let requests = folder.appending("nr_requests")
    while !Files.exists(requests) {
      if isOver() { return }
      Clock.sleep(milliseconds: 5)
    }
    // A scheduler has a limit of its own, and nothing to do here.
    let none: Line = "none"
    try? Files.write(none, to: folder.appending("scheduler"))
    let limit: Line = "\(device.requestLimit)"
    do throws(Errno) { try Files.write(limit, to: requests) } catch {
      Console.say("serve: \(requests): \(error)", .problem)
    }
  }
}
