// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// What keeps a server alive while the machine is short of everything.
public enum Shield {
  /// Protects this process from the OOM killer, from the signals with which
  /// init systems clean up, and from mounts that come and go.
  ///
  /// Two things are left to others: systemd spares processes of root whose
  /// first argument begins with `@`, so whoever executes us sees to that; and
  /// memory is locked with `Kernel.lockMemory` once all of it is there.
  public static func raise() throws(Errno) {
    try protectFromOOM()
    for signal: Int32 in [1, 2, 13, 15] { try Process.ignore(signal: signal) }
    try bearStops()
    try? Process.startSession()
    try Mounts.becomePrivate()
    try Kernel.setInputOutputFlusher()
  }

  /// Protects a process that was forked from a shielded one: timers are not
  /// inherited.
  public static func renew() throws(Errno) { try bearStops() }

  /// Goes on when stopped: systemd and killall5 stop every process before they
  /// read /proc/PID/cmdline of each, and a page of one that was swapped out
  /// comes from a server that they have stopped too.
  static func bearStops() throws(Errno) {
    try Process.continueWhenStopped(after: 200)
  }

  /// Makes the OOM killer choose anybody else.
  static func protectFromOOM() throws(Errno) {
    try Files.write("-1000", to: "/proc/self/oom_score_adj")
  }
}
