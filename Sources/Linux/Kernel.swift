// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// What a process asks of the kernel for the whole machine or for itself.
public enum Kernel {
  /// Loads a module out of an open file.
  ///
  /// The corresponding system call is `finit_module`.
  public static func loadModule(
    _ file: borrowing Descriptor,
    parameters: Path
  ) throws(Errno) {
    let number = file.number
    try succeed(
      unsafe parameters.withCString { unsafe om_load_module(number, $0) }
    )
  }

  /// Starts swapping to a device, with discards, at the highest priority.
  ///
  /// The corresponding C function is `swapon`, with SWAP_FLAG_DISCARD and
  /// SWAP_FLAG_PREFER.
  public static func swapOn(_ device: Path) throws(Errno) {
    let flags: Int32 = 0x10000 | 0x8000 | 0x7fff
    try succeed(unsafe device.withCString { unsafe om_swapon($0, flags) })
  }

  /// Stops swapping to a device.
  ///
  /// The corresponding C function is `swapoff`.
  public static func swapOff(_ device: Path) throws(Errno) {
    try succeed(unsafe device.withCString { unsafe om_swapoff($0) })
  }

  /// When memory that is locked has to be there.
  public enum Locking: Sendable {
    /// At once, so that no use of it ever waits.
    case atOnce
    /// From its first use on.
    case asItComes
  }

  /// Keeps all memory of this process, present and future, in RAM.
  ///
  /// Children do not inherit it, nor do programs that are executed. The
  /// corresponding C function is `mlockall`, with MCL_ONFAULT for
  /// `asItComes`.
  public static func lockMemory(_ locking: Locking) throws(Errno) {
    try succeed(om_lock_memory(locking == .asItComes ? 1 : 0))
  }

  /// Memory that nobody uses, and what is in swap, in bytes; 0 where the kernel
  /// does not say.
  ///
  /// The corresponding C function is `sysinfo`.
  public static var memory: (free: UInt64, swapped: UInt64) {
    var swapped: UInt64 = 0
    // SAFETY: a number is written to a variable that lives here.
    let free = unsafe om_free_memory(&swapped)
    return (free, swapped)
  }

  /// Says that this thread serves I/O, so that its own allocations never wait
  /// for that I/O; or that it does not, where somebody else serves it.
  ///
  /// Children inherit it.
  /// The corresponding C function is `prctl` with PR_SET_IO_FLUSHER.
  public static func setInputOutputFlusher(
    _ flushes: Bool = true
  ) throws(Errno) {
    try succeed(om_set_io_flusher(flushes ? 1 : 0))
  }

  /// Restarts the machine, devices shut down first.
  ///
  /// Nothing is synchronized: that might wait for a server that is gone, and
  /// whoever saves a dump does it himself. The corresponding C function is
  /// `reboot` with RB_AUTOBOOT.
  public static func reboot() throws(Errno) {
    try succeed(om_reboot())
  }

  /// A number that cannot be guessed, or, where the kernel has no randomness
  /// yet, one made of the clock: it is a seed, not a key.
  public static func randomSeed() -> UInt64 {
    var seed: UInt64 = 0
    let result = unsafe withUnsafeMutableBytes(of: &seed) { buffer in
      // SAFETY: the kernel writes eight bytes, which is what a seed has.
      unsafe om_random(buffer.baseAddress, buffer.count)
    }
    if result == 0 { return seed }
    return Clock.nanoseconds() &* 0x9e37_79b9_7f4a_7c15
  }

  /// Bytes that have never been drawn before: random ones where the kernel has
  /// randomness, and otherwise what it has, and both clocks.
  ///
  /// It is no key: who draws it must not rely on that nobody can guess it. Throws
  /// EINVAL before v5.6 where there is no randomness yet. The corresponding C
  /// functions are `getrandom` and `clock_gettime`.
  public static func draw() throws(Errno) -> InlineArray<32, UInt8> {
    var drawn = InlineArray<32, UInt8>(repeating: 0)
    var span = drawn.mutableSpan
    let result = unsafe span.withUnsafeMutableBufferPointer { buffer in
      // SAFETY: as many bytes are written as the buffer has.
      unsafe om_draw(buffer.baseAddress, buffer.count)
    }
    try succeed(result)
    return drawn
  }
}

/// The time since the kernel started.
public enum Clock {
  /// Nanoseconds.
  ///
  /// The C function is `clock_gettime` with CLOCK_MONOTONIC.
  public static func nanoseconds() -> UInt64 { om_monotonic_nanoseconds() }

  /// Seconds since 1970, as the machine's clock has them.
  ///
  /// The C function is `time`.
  public static func seconds() -> UInt64 { om_seconds() }

  /// Does nothing for a while.
  ///
  /// The corresponding C function is `nanosleep`.
  public static func sleep(milliseconds: UInt32) {
    om_sleep_milliseconds(milliseconds)
  }
}
