// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// What remains when nobody can serve any more: never a silent hang.
///
/// What was swapped out is lost then, and a process that waits for it may be
/// the one that dumps. So it is said, the dump gets some time to finish all
/// the same, and the machine is restarted.
public struct LastResort: ~Copyable {
  /// How long a dump may go on without its swap, in seconds.
  public static let grace: UInt32 = 60

  // Not there in a kernel without CONFIG_MAGIC_SYSRQ.
  private let trigger: Descriptor?

  /// Opens all that will be needed, for later may be too late.
  public init() { trigger = try? Descriptor("/proc/sysrq-trigger", .write) }

  /// Says why, waits, and restarts the machine; returns when `isRevived` says
  /// that there is no need any more.
  public func restart(
    because reason: Line,
    log: borrowing Log,
    unless isRevived: () -> Bool = { false }
  ) {
    log.say(
      """
      \(reason): what was swapped out is lost; restarting in \
      \(LastResort.grace) s unless the dump ends first
      """,
      .problem
    )
    for _ in 0..<LastResort.grace {
      Clock.sleep(milliseconds: 1000)
      if isRevived() { return }
    }
    log.say("restarting now", .problem)
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
