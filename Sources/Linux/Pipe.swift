// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// A pipe: what is written to one end can be read from the other.
public struct Pipe: ~Copyable {
  /// Where to read.
  public let output: Descriptor
  /// Where to write.
  public let input: Descriptor

  /// Makes a pipe whose ends are close-on-exec.
  ///
  /// The corresponding C function is `pipe2`.
  public init() throws(Errno) {
    var ends: InlineArray<2, Int32> = [-1, -1]
    var span = ends.mutableSpan
    let result = unsafe span.withUnsafeMutableBufferPointer { buffer in
      // SAFETY: the kernel writes two numbers, and there is room for two.
      unsafe om_pipe(buffer.baseAddress)
    }
    try succeed(result)
    output = Descriptor(owning: ends[0])
    input = Descriptor(owning: ends[1])
  }

  /// Keeps the end to read from and closes the other.
  public consuming func takeOutput() -> Descriptor { output }

  /// Keeps the end to write to and closes the other.
  public consuming func takeInput() -> Descriptor { input }
}
