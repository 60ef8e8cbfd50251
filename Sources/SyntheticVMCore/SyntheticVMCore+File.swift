// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import Memory

/// Why a vmcore could not be written to a file.
public struct WriteError: Error, Equatable, Sendable {
  /// The file.
  public let path: String
  /// What the kernel answered.
  public let errno: Int32
}

extension SyntheticVMCore {
  /// Writes the vmcore to `path` as a sparse file, which foreign tools read.
  public func write(to path: String) throws(WriteError) {
    // SAFETY: the path is copied into a C string for the call.
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else { throw WriteError(path: path, errno: errno) }
    defer { close(file) }
    guard ftruncate(file, off_t(limit)) == 0 else {
      throw WriteError(path: path, errno: errno)
    }
    try put(headerBytes[...], at: 0, of: file, path)
    let frames = memory.frames.keys.sorted()
    for load in header.loads {
      let range = load.physical >> 12..<(load.physical + load.count) >> 12
      for frame in frames where range.contains(frame) {
        guard let bytes = memory.frames[frame] else { continue }
        let offset = load.offset + (frame << 12) - load.physical
        try put(bytes[...], at: offset, of: file, path)
      }
    }
  }

  private func put(
    _ bytes: ArraySlice<UInt8>,
    at offset: UInt64,
    of file: Int32,
    _ path: String
  ) throws(WriteError) {
    guard offset < limit else { return }
    let bytes = bytes.prefix(Int(min(limit - offset, UInt64(bytes.count))))
    // SAFETY: the pointer and the count are the array's own.
    let count = unsafe bytes.withUnsafeBytes {
      unsafe pwrite(file, $0.baseAddress, $0.count, off_t(offset))
    }
    guard count == bytes.count else {
      throw WriteError(path: path, errno: errno)
    }
  }
}
