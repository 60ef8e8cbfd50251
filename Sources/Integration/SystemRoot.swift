// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// A system's files below some folder: this machine's below `/`, a chroot's or
/// a test's below another one.
public struct SystemRoot: Sendable {
  private let prefix: String

  /// The system below `folder`.
  public init(_ folder: String = "/") {
    var prefix = folder
    while prefix.hasSuffix("/") { prefix.removeLast() }
    self.prefix = prefix
  }

  /// Whether this is the system that runs here, whose kernel may be told to
  /// load something: neither a folder elsewhere nor a chroot.
  public var isRunning: Bool {
    guard prefix.isEmpty else { return false }
    var (own, first) = (stat(), stat())
    // SAFETY: stat fills the structures that it is given, which live here.
    return unsafe stat("/", &own) == 0 && stat("/proc/1/root", &first) == 0
      && own.st_dev == first.st_dev && own.st_ino == first.st_ino
  }

  /// Whether this is the system that saves a dump.
  public var isCaptureSystem: Bool { isRunning && exists("/proc/vmcore") }

  /// Where `path` of that system is found from here.
  public func host(_ path: String) -> String { prefix + path }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: host(path))
  }

  func bytes(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: host(path)).map { Array($0) }
  }

  /// What the file says, without blanks at its ends.
  func text(_ path: String) -> String? {
    bytes(path).map {
      String(decoding: $0, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

  /// The names in a folder, sorted; none where there is no such folder.
  func names(in folder: String) -> [String] {
    let found = try? FileManager.default.contentsOfDirectory(
      atPath: host(folder)
    )
    return (found ?? []).sorted()
  }

  /// When the file was written, in seconds since 1970.
  func modified(_ path: String) -> Double? {
    let found = try? FileManager.default.attributesOfItem(atPath: host(path))
    return (found?[.modificationDate] as? Date)?.timeIntervalSince1970
  }

  /// When the file was last written, named or renamed.
  func changed(_ path: String) -> Double? {
    status(path).map {
      Double($0.st_ctim.tv_sec) + Double($0.st_ctim.tv_nsec) / 1e9
    }
  }

  /// Which file it is, whatever it is called.
  func identity(_ path: String) -> UInt? { status(path).map(\.st_ino) }

  private func status(_ path: String) -> stat? {
    var status = stat()
    // SAFETY: stat fills the structure that it is given, which lives here.
    return unsafe stat(host(path), &status) == 0 ? status : nil
  }

  /// Gives the file of `old` a second name in the place of `new`.
  func link(_ old: String, to new: String) throws(IntegrationError) {
    let draft = new + ".new"
    // SAFETY: the paths live for the calls. So below.
    unsafe unlink(host(draft))
    guard unsafe Foundation.link(host(old), host(draft)) == 0 else {
      throw .file(new, errno)
    }
    // Of two names of one file, rename leaves both.
    defer { unsafe unlink(host(draft)) }
    try rename(draft, to: new)
  }

  func rename(_ old: String, to new: String) throws(IntegrationError) {
    // SAFETY: the paths live for the call.
    guard unsafe Foundation.rename(host(old), host(new)) == 0 else {
      throw .file(new, errno)
    }
  }

  /// Removes a file, which need not be there.
  func remove(_ path: String) throws(IntegrationError) {
    // SAFETY: the path lives for the call.
    guard unsafe unlink(host(path)) == 0 || errno == ENOENT else {
      throw .file(path, errno)
    }
  }

  func makeFolder(_ path: String) throws(IntegrationError) {
    do {
      try FileManager.default.createDirectory(
        atPath: host(path),
        withIntermediateDirectories: true
      )
    } catch { throw .file(path, Self.code(error)) }
  }

  /// Writes a small file: all of it, or nothing.
  func write(_ text: String, to path: String) throws(IntegrationError) {
    do {
      try Data(text.utf8).write(
        to: URL(fileURLWithPath: host(path)),
        options: .atomic
      )
    } catch { throw .file(path, Self.code(error)) }
  }

  /// The errno behind an error of Foundation's.
  private static func code(_ error: any Error) -> Int32 {
    let cause = error as NSError
    let inner = cause.userInfo[NSUnderlyingErrorKey] as? NSError ?? cause
    return inner.domain == NSPOSIXErrorDomain ? Int32(inner.code) : EIO
  }

  /// Whether somebody has claimed the file, and runs.
  func isClaimed(_ path: String) -> Bool {
    // SAFETY: the path lives for the call.
    let file = unsafe open(host(path), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Keeps others out for as long as `body` runs; nil where somebody else does,
  /// and is not to be waited for.
  func locked<Result>(
    _ path: String,
    waiting: Bool = true,
    _ body: () throws(IntegrationError) -> Result
  ) throws(IntegrationError) -> Result? {
    // SAFETY: the path lives for the call.
    let file = unsafe open(host(path), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .file(path, errno) }
    defer { close(file) }
    while flock(file, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
      if errno == EWOULDBLOCK { return nil }
      guard errno == EINTR else { throw .file(path, errno) }
    }
    return try body()
  }
}

/// Why something was not done; what was there before is still there.
public enum IntegrationError: Error, CustomStringConvertible {
  /// A file cannot be read or written, by errno.
  case file(String, Int32)
  /// No image could be made, for this reason.
  case packing(kernel: String, String)
  /// The plain initrd of a kernel is gone, and kdump-tools makes no other.
  case noPlain(kernel: String)
  /// kdump-tools is not installed.
  case noKdumpTools

  /// The error in words.
  public var description: String {
    switch self {
    case .file(let path, let code):
      // SAFETY: strerror returns a string that ends, and it is copied at once.
      "\(path): \(unsafe String(cString: strerror(code)))"
    case .packing(let kernel, let reason): "\(kernel): \(reason)"
    case .noPlain(let kernel):
      "\(kernel): there is no plain initrd, and kdump-tools made none; run "
        + "\(KdumpTools.buildHook) \(kernel)"
    case .noKdumpTools:
      "kdump-tools is not installed; install it, or see docs/integration.md for "
        + "other stacks"
    }
  }
}
