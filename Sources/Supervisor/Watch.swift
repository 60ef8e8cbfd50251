// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Sees to it that a dead or hung server never means a silent hang.
///
/// Whatever was swapped out is lost with the server, and a process that
/// waits for it may be the one that dumps. So the watch says what happened,
/// gives the dump some time to finish all the same, and then restarts the
/// machine.
public struct Watch: ~Copyable {
  /// How long a server may stay without a beat; it beats once a second.
  public static let patience: UInt32 = 20
  /// How long a dump may go on without its swap, in seconds.
  public static let grace: UInt32 = 60

  let heartbeat: Heartbeat
  let server: ProcessWatch
  let trigger: Descriptor

  /// Prepares to watch the process `server`: all that will be needed is
  /// opened now, for later may be too late.
  public init(
    server number: Int32,
    heartbeat: consuming Heartbeat
  ) throws(Errno) {
    let watch = try ProcessWatch(process: number)
    trigger = try Descriptor("/proc/sysrq-trigger", .write)
    server = watch
    self.heartbeat = heartbeat
  }

  /// Watches until the machine restarts.
  public func run() -> Never {
    var beats = heartbeat.beats
    var still: UInt32 = 0
    while true {
      if server.ended(within: 1000) {
        restart(after: "the server died")
      }
      let now = heartbeat.beats
      still = now == beats ? still + 1 : 0
      beats = now
      if still >= Watch.patience { restart(after: "the server hangs") }
    }
  }

  private func restart(after reason: StaticString) -> Never {
    Console.say(
      """
      \(reason): what was swapped out is lost; \
      restarting in \(Watch.grace) s unless the dump ends first
      """,
      .problem
    )
    Clock.sleep(milliseconds: Watch.grace * 1000)
    Console.say("restarting now", .problem)
    let immediately: Line = "b"
    try? trigger.write(immediately.raw)
    // The trigger does not return; if it was refused, ask in good order.
    while true {
      try? Kernel.reboot()
      Clock.sleep(milliseconds: 1000)
    }
  }
}
