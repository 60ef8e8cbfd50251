// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Rescue

/// A file that nobody had, in a file system of the capture system's.
struct NewFile: PlacedSink, ~Copyable {
  private let file: Descriptor
  /// What the kernel said when it refused something.
  private(set) var problem: Errno?

  init(_ file: consuming Descriptor) { self.file = file }

  mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    do throws(Errno) { try file.write(bytes, at: offset) } catch {
      problem = error
      return false
    }
    return true
  }

  mutating func barrier() -> Bool {
    do throws(Errno) { try file.synchronize() } catch {
      problem = error
      return false
    }
    return true
  }
}
