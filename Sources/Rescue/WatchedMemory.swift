// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
import VMCore

/// The frames that somebody has read, some of them more than once.
///
/// A list and no bitmap: there is one for each processor, and each has few.
public final class ReadFrames {
  /// The runs, in the order in which they were read.
  public private(set) var runs: [FrameRange] = []

  /// Nobody has read anything.
  public init() {}

  func insert(_ address: PhysicalAddress, count: UInt64) {
    guard count > 0 else { return }
    let first = FrameNumber(containing: address)
    let last = (address.value &+ (count - 1)) >> Frame.shift
    guard last >= first.value else { return }
    let run = FrameRange(start: first, count: last - first.value + 1)
    if runs.last != run { runs.append(run) }
  }
}

/// A core file's memory that remembers which frames of it are read: what
/// somebody will read to see the same must be in a dump first.
@safe
struct WatchedMemory<Source: ByteSource & ~Copyable>: PhysicalMemory {
  private let core: UnsafePointer<CoreFile<Source>>
  private let frames: ReadFrames?

  /// Lets `body` read `core`; the frames that it read.
  static func watch(
    _ core: borrowing CoreFile<Source>,
    _ body: (borrowing WatchedMemory) -> Void
  ) -> [FrameRange] {
    let frames = ReadFrames()
    watch(core, frames, body)
    return frames.runs
  }

  /// Lets `body` read `core`, and notes the frames that it read.
  static func watch(
    _ core: borrowing CoreFile<Source>,
    _ frames: ReadFrames?,
    _ body: (borrowing WatchedMemory) -> Void
  ) {
    unsafe withUnsafePointer(to: core) { pointer in
      // SAFETY: the core file is borrowed until the call ends, and the memory
      // made of it does not leave the call.
      body(unsafe WatchedMemory(core: pointer, frames: frames))
    }
  }

  private init(core: UnsafePointer<CoreFile<Source>>, frames: ReadFrames?) {
    unsafe self.core = core
    self.frames = frames
  }

  /// Counts what is there as read.
  func touch(_ address: PhysicalAddress) { frames?.insert(address, count: 1) }

  func read(
    _ address: PhysicalAddress,
    into bytes: inout MutableRawSpan
  ) throws(MemoryError) {
    // SAFETY: as above.
    try unsafe core.pointee.read(address, into: &bytes)
    frames?.insert(address, count: UInt64(bytes.byteCount))
  }
}
