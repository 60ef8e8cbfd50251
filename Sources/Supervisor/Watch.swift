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

  let gate: Descriptor

  /// Starts a process that will watch this one.
  ///
  /// It waits until `open` is called, then for PID 1's permit, which comes
  /// when swap is on; without either it ends. To be called while this process
  /// is small: page tables of device memory are copied by a fork.
  public init(
    heartbeat: borrowing Heartbeat,
    report: borrowing StepReport
  ) throws(Errno) {
    let gate = try Pipe()
    let server = Process.own
    if try Process.fork() != nil {
      self.gate = gate.takeInput()
      return
    }
    Process.exit(
      Watch.live(server, heartbeat, gate.takeOutput(), report)
    )
  }

  /// Lets the watch wait for PID 1's permit: from now on this process must
  /// not ask for one itself.
  public func open() {
    let go: Line = "g"
    try? gate.write(go.raw)
  }

  /// The watching process's whole life; what it returns is its status.
  private static func live(
    _ server: Int32,
    _ heartbeat: borrowing Heartbeat,
    _ gate: borrowing Descriptor,
    _ report: borrowing StepReport
  ) -> Int32 {
    do throws(Errno) {
      // All that will be needed is opened now, for later may be too late.
      let end = try ProcessWatch(process: server)
      // Not there in a kernel without CONFIG_MAGIC_SYSRQ.
      let trigger = try? Descriptor("/proc/sysrq-trigger", .write)
      let log = Log(.kernelLog)
      try Shield.bearStops()
      try Kernel.lockMemory(.atOnce)
      if gate.awaitByte(), report.awaitPermit() {
        watch(heartbeat, end, trigger, log)
      }
      return 0
    } catch {
      Console.say("nobody watches the server: \(error)", .problem)
      return 1
    }
  }

  private static func watch(
    _ heartbeat: borrowing Heartbeat,
    _ server: borrowing ProcessWatch,
    _ trigger: borrowing Descriptor?,
    _ log: borrowing Log
  ) {
    var beats = heartbeat.beats
    var still: UInt32 = 0
    while true {
      let died = server.ended(within: 1000)
      let now = heartbeat.beats
      still = now == beats ? still + 1 : 0
      beats = now
      guard died || still >= patience else { continue }
      let fault: StaticString =
        died ? "the server died" : "the server hangs"
      log.say(
        """
        \(fault): what was swapped out is lost; restarting in \(grace) s \
        unless the dump ends first
        """,
        .problem
      )
      if !isRevived(heartbeat, since: beats) { break }
      log.say("the server goes on after all")
      still = 0
    }
    log.say("restarting now", .problem)
    restart(trigger)
  }

  /// Whether the heart beats again within the grace, as after a hang that
  /// something else was the reason for.
  private static func isRevived(
    _ heartbeat: borrowing Heartbeat,
    since beats: UInt64
  ) -> Bool {
    for _ in 0..<grace {
      Clock.sleep(milliseconds: 1000)
      if heartbeat.beats != beats { return true }
    }
    return false
  }

  private static func restart(_ trigger: borrowing Descriptor?) {
    switch trigger {
    case .some(let file):
      let immediately: Line = "b"
      // Does not return, unless it is refused.
      try? file.write(immediately.raw)
    case nil: break
    }
    try? Kernel.reboot()
  }
}
