// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// A child of this process.
public struct Process: Sendable {
  /// The kernel's number for it.
  public let number: Int32

  /// Names the process of that number.
  public init(number: Int32) { self.number = number }

  /// How a process ended.
  public enum End: Equatable, Sendable {
    /// It called exit with this status.
    case exited(Int32)
    /// A signal with this number ended it.
    case killed(Int32)
  }

  /// This process's own number.
  public static var own: Int32 { om_getpid() }

  /// Splits this process in two: nil in the child, the child in the parent.
  ///
  /// The corresponding C function is `fork`.
  public static func fork() throws(Errno) -> Process? {
    let child = try checked(om_fork())
    return child == 0 ? nil : Process(number: child)
  }

  /// Ends this process at once, with nothing flushed.
  ///
  /// The corresponding C function is `_exit`.
  public static func exit(_ status: Int32) -> Never { om_exit(status) }

  /// Becomes another program; returns only to say why not.
  ///
  /// The corresponding C function is `execve`, with our own environment.
  public static func execute(_ path: Path, arguments: [Path]) -> Errno {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
    for argument in arguments {
      unsafe argument.withCString {
        // SAFETY: execve takes its strings as mutable and leaves them alone;
        // `arguments` keeps them alive to the end of this function.
        unsafe pointers.append(UnsafeMutablePointer(mutating: $0))
      }
    }
    unsafe pointers.append(nil)
    let result = unsafe path.withCString { path in
      // SAFETY: both lists end with a null pointer.
      unsafe om_exec(path, &pointers, om_environment())
    }
    return withExtendedLifetime(arguments) { Errno(-result) }
  }

  /// How the process ended; nil while it runs and `block` is false.
  ///
  /// The corresponding C function is `waitpid`.
  public func end(block: Bool) throws(Errno) -> End? {
    var status: Int32 = 0
    let found = try checked(unsafe om_wait(number, &status, block ? 1 : 0))
    guard found != 0 else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal)
  }

  /// Whether there is such a process, or one that nobody has waited for.
  public var isThere: Bool { om_kill(number, 0) != -3 }

  /// Ends the process with SIGKILL.
  public func kill() { _ = om_kill(number, 9) }

  /// Makes this process deaf to a signal.
  public static func ignore(signal: Int32) throws(Errno) {
    try succeed(om_ignore_signal(signal))
  }

  /// Lets the kernel continue this process, should anybody stop it, after so
  /// long at most; a child needs a timer of its own.
  ///
  /// SIGSTOP can be neither ignored nor blocked, but a timer runs on in a
  /// stopped process, and SIGCONT continues it, whatever it does with the
  /// signal. The corresponding C function is `timer_create`.
  public static func continueWhenStopped(
    after milliseconds: UInt32
  ) throws(Errno) {
    try succeed(om_continue_by_timer(milliseconds))
  }

  /// Lets SIGTERM and SIGINT be requests to end, which `endIsRequested`
  /// shows, instead of the end.
  ///
  /// The corresponding C function is `sigaction`.
  public static func listenForEnd() throws(Errno) {
    try succeed(om_listen_for_end())
  }

  /// Whether such a signal has come since `listenForEnd`.
  public static var endIsRequested: Bool { om_end_requested() != 0 }

  /// Tells whoever started this process, if it asked to be told (sd_notify(3)).
  public static func notify(_ text: StaticString) {
    let text = Path(stringLiteral: text)
    _ = unsafe text.withCString { unsafe om_notify($0) }
  }

  /// What `ps` and /proc/PID/comm call this process: 15 bytes at most.
  ///
  /// The corresponding C function is `prctl` with PR_SET_NAME.
  public static func setName(_ name: StaticString) {
    let name = Path(stringLiteral: name)
    _ = unsafe name.withCString { unsafe om_set_name($0) }
  }

  /// Runs this process before all ordinary ones, and before those less urgent,
  /// and lets it use a part of the memory that the kernel keeps back from
  /// them.
  ///
  /// The corresponding C function is `sched_setscheduler` with SCHED_FIFO.
  public static func setUrgency(_ urgency: Int32) throws(Errno) {
    try succeed(om_set_urgency(urgency))
  }

  /// Starts a session of its own, away from the console's.
  public static func startSession() throws(Errno) {
    _ = try checked(om_setsid())
  }

  /// What this process was started with; empty when /proc is not there.
  public static func arguments() -> [Path] {
    guard let text = try? Files.read("/proc/self/cmdline", limit: 4096) else {
      return []
    }
    var found: [Path] = []
    var start = 0
    for index in text.indices where text[index] == 0 {
      found.append(Path(text.span.extracting(start..<index)))
      start = index + 1
    }
    return found
  }
}

/// A process to be watched from outside: readable once it has ended.
public struct ProcessWatch: ~Copyable {
  let descriptor: Descriptor

  /// Watches the process of that number.
  ///
  /// The corresponding system call is `pidfd_open`.
  public init(process: Int32) throws(Errno) {
    descriptor = Descriptor(owning: try checked(om_pidfd_open(process)))
  }

  /// The number of the file that becomes readable when the process ends.
  public var number: Int32 { descriptor.number }

  /// Whether the process ends within the time given.
  public func ended(within milliseconds: Int32) -> Bool {
    descriptor.isReadable(within: milliseconds)
  }
}
