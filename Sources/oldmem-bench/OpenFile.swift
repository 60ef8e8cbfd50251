// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Glibc
internal import Memory

/// A file, read at offsets as a capture kernel reads /proc/vmcore.
struct OpenFile: ByteSource, ~Copyable {
  let byteCount: UInt64
  private let descriptor: Int32

  init(_ path: String) throws {
    // SAFETY: the path is copied into a C string for the call.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw BenchError("cannot open \(path)") }
    byteCount = UInt64(lseek(descriptor, 0, SEEK_END))
  }

  deinit { close(descriptor) }

  func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    // SAFETY: pread writes at most the count that the span has.
    let got = unsafe bytes.withUnsafeMutableBytes {
      unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
    }
    guard got == bytes.byteCount else {
      throw .endOfSource(offset: offset, count: bytes.byteCount)
    }
  }
}
