// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Glibc
import Memory

/// A file of this machine, read at offsets and never mapped, so that a file
/// that shrinks meanwhile gives an error instead of a signal.
struct HostFile: ByteSource, ~Copyable {
  let byteCount: UInt64
  private let descriptor: Int32

  init(_ path: String) throws(BadInput) {
    // SAFETY: open reads the path, which outlives the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw BadInput(path: path, sentence: Self.text(errno))
    }
    var status = stat()
    // SAFETY: fstat fills the structure that it is given, which lives here.
    let failed = unsafe fstat(descriptor, &status) != 0
    guard !failed, status.st_mode & S_IFMT == S_IFREG else {
      let sentence = failed ? Self.text(errno) : "not a regular file"
      close(descriptor)
      throw BadInput(path: path, sentence: sentence)
    }
    byteCount = UInt64(clamping: status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    let count = bytes.byteCount
    guard count > 0 else { return }
    guard offset <= byteCount, UInt64(count) <= byteCount - offset else {
      throw .endOfSource(offset: offset, count: count)
    }
    var done = 0
    while done < count {
      var part = bytes._mutatingExtracting(done..<count)
      let place = off_t(offset) + off_t(done)
      // SAFETY: pread writes at most the buffer's own length into it.
      let result = unsafe part.withUnsafeMutableBytes { buffer in
        unsafe pread(descriptor, buffer.baseAddress, buffer.count, place)
      }
      if result > 0 {
        done += result
      } else if result == 0 {
        throw .endOfSource(offset: offset, count: count)
      } else if errno != EINTR {
        throw .failed(offset: offset + UInt64(done), errno: errno)
      }
    }
  }

  /// Why a file cannot be read, for one that could not be.
  static func unreadable(_ path: String) -> BadInput {
    // SAFETY: open reads the path, which outlives the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      return BadInput(path: path, sentence: "cannot be read: " + text(errno))
    }
    close(descriptor)
    return BadInput(path: path, sentence: "cannot be read: it is no text")
  }

  /// Why a file cannot be written, by what Foundation says of it.
  static func unwritable(_ path: String, _ error: any Error) -> BadInput {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    let isErrno = cause?.domain == NSPOSIXErrorDomain
    let reason =
      isErrno ? text(Int32(cause?.code ?? 0)) : error.localizedDescription
    return BadInput(path: path, sentence: "cannot be written: " + reason)
  }

  /// The errno in words.
  static func text(_ errno: Int32) -> String {
    // SAFETY: strerror returns a string that stays valid until the next
    // call; it is copied before that, and there is one thread.
    unsafe String(cString: strerror(errno))
  }
}
