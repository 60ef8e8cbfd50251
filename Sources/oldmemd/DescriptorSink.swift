// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Rescue

/// An open file, device or socket that takes what is saved.
struct DescriptorSink: ByteSink, ~Copyable {
  private let file: Descriptor
  /// Bytes that it has taken.
  private(set) var count: UInt64 = 0

  init(_ file: consuming Descriptor) { self.file = file }

  mutating func write(_ bytes: RawSpan) -> Bool {
    do throws(Errno) { try file.write(bytes) } catch { return false }
    count &+= UInt64(bytes.byteCount)
    return true
  }

  /// Waits for what was written to arrive.
  mutating func end() throws(Errno) {
    // Terminals, sockets and pipes have nothing to wait for (EINVAL).
    do throws(Errno) { try file.synchronize() } catch {
      guard error == .inputOutput else { return }
      throw error
    }
  }
}
