// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Rescue

/// An open file, device or socket that takes what is saved.
struct DescriptorSink: ByteSink, ~Copyable {
  private let file: Descriptor
  private let isDevice: Bool
  /// Bytes that it has taken.
  private(set) var count: UInt64 = 0

  init(_ file: consuming Descriptor, isDevice: Bool) {
    self.file = file
    self.isDevice = isDevice
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    do throws(Errno) { try file.write(bytes) } catch { return false }
    count &+= UInt64(bytes.byteCount)
    return true
  }

  /// Ends a text on a device by NULs up to the next frame, so that what the
  /// device held before is told from it, and waits for it to arrive.
  mutating func end() throws(Errno) {
    if isDevice {
      let nul: InlineArray<1, UInt8> = [0]
      // SAFETY: bytes have no padding that could leak.
      let bytes = unsafe nul.span.bytes
      repeat {
        try file.write(bytes)
        count &+= 1
      } while count % 4096 != 0
    }
    // Terminals, sockets and pipes have nothing to wait for (EINVAL).
    do throws(Errno) { try file.synchronize() } catch {
      guard error == .inputOutput else { return }
      throw error
    }
  }
}
