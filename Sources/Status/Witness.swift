// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// A small process beside the server that says how the store does, and acts
/// when it is failing.
///
/// It serves no I/O and holds nothing that the server needs: whatever a client
/// or a program does to it, requests go on. What it tells lies in shared
/// memory, so the server is never asked, and may die.
public struct Witness: ~Copyable {
  // The witness ends when nobody has this end any more: the server, whoever
  // comes after it, and whoever watches them.
  private let gate: Descriptor

  /// Starts the process.
  ///
  /// With `record`, how the store does is written there over time.
  /// To be called while this process is small, for a fork copies the page
  /// tables of device memory too.
  public init(
    _ health: borrowing SharedHealth,
    action: consuming FailingAction,
    record: Path? = nil,
    log target: Log.Target
  ) throws(Errno) {
    let gate = try Pipe()
    if try Process.fork() != nil {
      self.gate = gate.takeInput()
      return
    }
    Witness.live(health, action, record, gate.takeOutput(), Log(target))
  }

  /// The witness's whole life.
  private static func live(
    _ health: borrowing SharedHealth,
    _ action: consuming FailingAction,
    _ record: Path?,
    _ gate: borrowing Descriptor,
    _ log: borrowing Log
  ) -> Never {
    // By this pgrep(1) finds it, and the program that it runs.
    Process.setName("oldmemd-status")
    // Only what is used: most of it is shared with the server anyway.
    try? Kernel.lockMemory(.asItComes)
    var recorder = Recorder(record)
    do throws(Errno) {
      let socket = try StatusSocket()
      while true {
        recorder.look(health.page)
        let due = Poll.wait(
          for: [gate.number, socket.descriptor.number, -1],
          milliseconds: 1000
        )
        if due & 1 != 0 { Process.exit(0) }
        if due & 2 != 0, !socket.answer(health.page, action: action.state) {
          // Something is short; it must not cost the server its processor.
          Clock.sleep(milliseconds: 20)
        }
        action.look(health.page, log: log)
      }
    } catch {
      log.say("status: nobody can be answered: \(error)", .problem)
    }
    while !gate.isReadable(within: 1000) {
      recorder.look(health.page)
      action.look(health.page, log: log)
    }
    Process.exit(0)
  }
}
