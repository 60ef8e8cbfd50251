// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Waiting for several files at once.
public enum Poll {
  /// Which of the files can be read or are at their end, a bit for each,
  /// within the time given.
  ///
  /// A number of -1 is no file. A signal ends the wait.
  /// The corresponding C function is `poll`.
  public static func wait(
    for files: InlineArray<3, Int32>,
    milliseconds: Int32
  ) -> UInt32 {
    let found = unsafe files.span.withUnsafeBufferPointer { buffer in
      // SAFETY: three numbers are read, and there are three.
      unsafe om_poll_any(buffer.baseAddress, 3, milliseconds)
    }
    return found > 0 ? UInt32(found) : 0
  }
}
