// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Health
public import Linux

/// What is done once when the store is failing: what there is is saved, then a
/// program is run, where settings ask for it.
///
/// The program's place is in the capture system, whose root may come later than the
/// damage: the program is waited for, in a process of its own.
public struct FailingAction: ~Copyable {
  /// How long the program is waited for, in seconds.
  public static let patience = 120

  private let program: Path?
  private let rescue: (() -> Void)?
  private let system: Int32
  // Open from the start. When init moves to another root and removes what was
  // in the old one, the kernel takes away what others have mounted there, in
  // their own trees of mounts too (detach_mounts in fs/namespace.c).
  private let proc: Descriptor?
  private var child: Process?

  /// An action that calls `rescue` and then runs `program`, both in the tree of
  /// mounts that the process `system` has; nil is none.
  public init(
    _ program: Path?,
    of system: Int32 = 1,
    rescue: (() -> Void)? = nil
  ) {
    self.program = program
    self.rescue = rescue
    self.system = system
    let isNone = program == nil && rescue == nil
    proc = isNone ? nil : try? Descriptor("/proc", .read)
  }

  private var isNone: Bool { program == nil && rescue == nil }

  /// What is left to be done.
  public var state: Status.Action { isNone ? .none : .waiting }

  /// Runs the program if it is time to, and says what became of it; to be
  /// called about once a second.
  public mutating func look(
    _ page: borrowing HealthPage,
    log: borrowing Log
  ) {
    guard !isNone else { return }
    reap(log)
    guard !page.isActionTaken, let health = page.read()?.health,
      health.state == .failing,
      // Before it is done: whatever happens, it is not done twice.
      page.claimAction()
    else { return }
    do throws(Errno) {
      if let child = try Process.fork() {
        self.child = child
        return
      }
      save()
      guard let program else { Process.exit(0) }
      let problem = execute(program, health.reason)
      log.say("on-failing: \(program): \(problem)", .problem)
      Process.exit(127)
    } catch {
      log.say("on-failing: no process could be made: \(error)", .problem)
    }
  }

  private mutating func reap(_ log: borrowing Log) {
    guard let end = try? child?.end(block: false) else { return }
    child = nil
    // What was saved has been said already.
    guard let program else { return }
    switch end {
    case .exited(let status):
      log.say("on-failing: \(program) has ended, status \(status)")
    case .killed(let signal):
      log.say("on-failing: \(program) was killed by signal \(signal)")
    }
  }

  /// Saves what there is, as soon as the system that dumps shows it.
  private func save() {
    guard let rescue else { return }
    for _ in 0..<Self.patience {
      switch proc {
      case .some(let proc):
        try? Process.enterMounts(of: system, proc: proc)
        guard Files.exists("/proc/vmcore") else { break }
        // What it starts may be chosen by the OOM killer before those who serve.
        try? Process.startSession()
        try? Process.becomeOrdinary(proc: proc)
        return rescue()
      case nil: return
      }
      Clock.sleep(milliseconds: 1000)
    }
  }

  /// The child's life; what it returns is why the program is not executed.
  private func execute(_ program: Path, _ reason: HealthReason) -> Errno {
    for second in 0..<Self.patience {
      if second > 0 { Clock.sleep(milliseconds: 1000) }
      do throws(Errno) {
        switch proc {
        case .some(let proc):
          // Each time: what is at the root changes when init moves on.
          try Process.enterMounts(of: system, proc: proc)
          guard Files.exists(program) else { continue }
          try? Process.startSession()
          try Process.becomeOrdinary(proc: proc)
        case nil: return .noEntry
        }
      } catch { return error }
      return Process.execute(
        program,
        arguments: [program, "failing", Path(stringLiteral: reason.name)]
      )
    }
    return .noEntry
  }
}
