// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Glibc
import Memory

/// A file, read at offsets.
struct FileBytes: ByteSource, ~Copyable {
  let byteCount: UInt64
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = open(path, O_RDONLY)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      throw CapturedVMCore.Missing(description: "\(path) cannot be read")
    }
    byteCount = UInt64(status.st_size)
  }

  deinit { close(descriptor) }

  func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    let count = bytes.byteCount
    var done = 0
    while done < count {
      var part = bytes._mutatingExtracting(done..<count)
      let place = off_t(offset) + off_t(done)
      let got = part.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, place)
      }
      guard got > 0 else { throw .endOfSource(offset: offset, count: count) }
      done += got
    }
  }

  func bytes(at offset: UInt64, count: Int) throws(SourceError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try read(at: offset, into: &raw)
    return bytes
  }
}
