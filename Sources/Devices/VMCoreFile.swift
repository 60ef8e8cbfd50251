// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// /proc/vmcore, or a file that was saved from it, as a source of bytes.
public struct VMCoreFile: ByteSource, ~Copyable {
  let descriptor: Descriptor
  /// The file's length in bytes.
  public let byteCount: UInt64

  /// Opens the file.
  public init(_ path: Path) throws(Errno) {
    let file = try Descriptor(path, .read)
    byteCount = try file.byteCount()
    descriptor = file
  }

  /// Fills all of `bytes` from `offset` on.
  ///
  /// Reads, and does not map: a file that shrinks under a mapping is a
  /// SIGBUS, here it is an error.
  public func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    let wanted = bytes.byteCount
    var done = 0
    while done < wanted {
      let place = offset &+ UInt64(done)
      var rest = bytes._mutatingExtracting(droppingFirst: done)
      let got: Int
      do throws(Errno) {
        got = try descriptor.read(at: place, into: &rest)
      } catch { throw .failed(offset: place, errno: error.code) }
      guard got > 0 else {
        throw .endOfSource(offset: offset, count: wanted)
      }
      done += got
    }
  }
}
