// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Rescue

/// A new file in a file system of the capture system's, or a disk.
struct PlacedFile: PlacedSink, ~Copyable {
  private let file: Descriptor
  /// What the kernel said when it refused something.
  private(set) var problem: Errno?

  init(_ file: consuming Descriptor) { self.file = file }

  @inline(never)
  mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    do throws(Errno) { try file.write(bytes, at: offset) } catch {
      problem = error
      return false
    }
    return true
  }

  @inline(never)
  mutating func barrier() -> Bool {
    do throws(Errno) { try file.synchronize() } catch {
      problem = error
      return false
    }
    return true
  }

  mutating func read(_ bytes: inout MutableRawSpan, at offset: UInt64) -> Bool {
    guard file.fill(&bytes, at: offset) else {
      problem = .inputOutput
      return false
    }
    return true
  }

  func forget() { file.forget() }

  /// Half of what is free in the file system: the system's own dump may go on.
  var room: UInt64 { file.freeByteCount / 2 }
}
