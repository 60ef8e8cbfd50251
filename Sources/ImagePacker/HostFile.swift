// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// Whole files of the host.
enum HostFile {
  /// All bytes of `file`.
  static func read(_ file: String) throws(PackError) -> [UInt8] {
    // SAFETY: the path lives for the call.
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unreadable(file: file, reason: sentence(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      return [UInt8](try handle.readToEnd() ?? Data())
    } catch {
      throw .unreadable(file: file, reason: reason(error))
    }
  }

  /// Writes `file` under another name first, so that it is either all there or
  /// as it was; nobody but its owner may read it, for a kdump initrd may hold
  /// the keys with which it logs in elsewhere.
  static func replace(
    _ file: String,
    with bytes: [UInt8]
  ) throws(PackError) {
    let draft = "\(file).\(getpid()).tmp"
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    // One of a process that is gone, of the same number. SAFETY: the path lives
    // for the call. So below.
    unsafe unlink(draft)
    let descriptor = unsafe open(draft, flags, 0o600)
    guard descriptor >= 0 else {
      throw .unwritable(file: file, reason: sentence(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(bytes))
      try handle.synchronize()
      try handle.close()
      guard unsafe rename(draft, file) == 0 else {
        throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      }
    } catch {
      unsafe unlink(draft)
      throw .unwritable(file: file, reason: reason(error))
    }
  }

  /// 0755 for what its owner may execute, 0644 for the rest.
  static func permissions(_ file: String) -> UInt32 {
    // SAFETY: the path lives for the call.
    unsafe access(file, X_OK) == 0 ? 0o755 : 0o644
  }

  private static func reason(_ error: any Error) -> String {
    let cause = error as NSError
    let inner = cause.userInfo[NSUnderlyingErrorKey] as? NSError ?? cause
    guard inner.domain == NSPOSIXErrorDomain else {
      return error.localizedDescription
    }
    return sentence(Int32(inner.code))
  }

  static func sentence(_ code: Int32) -> String {
    // SAFETY: strerror returns a string that ends, and it is copied at once.
    unsafe String(cString: strerror(code))
  }
}
