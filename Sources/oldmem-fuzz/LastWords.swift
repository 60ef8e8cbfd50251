// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc

/// The seed of the case that is running, for the signal that ends it.
// SAFETY: one thread writes it, and the handler runs on that thread.
nonisolated(unsafe) private var runningSeed: UInt64 = 0

/// Names the seed when a trap, a fault or the alarm ends the process.
enum LastWords {
  /// Seconds that one case may take; most take a millisecond.
  static let patience: UInt32 = 20

  /// Catches what ends a process that did not want to end.
  static func arm() {
    for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGALRM] {
      // The handler calls only what may be called in one.
      _ = Glibc.signal(signal) { number in
        LastWords.speak(of: number)
        _exit(1)
      }
    }
  }

  /// Notes that the case of `seed` begins.
  static func begin(seed: UInt64) {
    // SAFETY: no other thread exists.
    unsafe runningSeed = seed
    alarm(patience)
  }

  private static func speak(of signal: Int32) {
    say(signal == SIGALRM ? "hung" : "trapped")
    say(", oldmem-fuzz --cases 1 --seed ")
    // SAFETY: the handler runs on the thread that writes the seed.
    var rest = unsafe runningSeed
    var divisor: UInt64 = 10_000_000_000_000_000_000
    while divisor > 0 {
      put(0x30 + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
    put(0x0a)
  }

  private static func say(_ text: StaticString) {
    // SAFETY: a StaticString's bytes live as long as the program.
    _ = unsafe write(2, text.utf8Start, text.utf8CodeUnitCount)
  }

  private static func put(_ byte: UInt8) {
    var byte = byte
    // SAFETY: the pointer lives for the call.
    _ = unsafe write(2, &byte, 1)
  }
}
