// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// Why something could not be kept.
public struct StorageError: Error, Equatable, Sendable {
  /// The file.
  public let file: String
  /// Why not, in words.
  public let reason: String

  init(_ file: String, _ code: Int32) {
    self.file = file
    // SAFETY: strerror returns a string that ends, and it is copied at once.
    reason = unsafe String(cString: strerror(code))
  }
}

/// A file that comes in pieces, its owner's alone; another name tells until the
/// end that it is not all.
struct ReceivedFile: ~Copyable {
  /// Where it is now.
  private(set) var path: String
  private let name: String
  private let file: Int32

  deinit { close(file) }

  /// Makes a new file: `name`.part, or one that is called `name` at once.
  private init(_ path: String, _ name: String, _ file: Int32) {
    self.path = path
    self.name = name
    self.file = file
  }

  /// Makes the file of this name, which must not be there.
  static func make(_ name: String) throws(StorageError) -> ReceivedFile {
    ReceivedFile(name, name, try open(name))
  }

  /// Makes a file for something that comes now, FOLDER/NAME.EXTENSION, or
  /// FOLDER/NAME-2.EXTENSION.
  static func begin(
    in folder: String,
    _ name: String,
    _ type: String
  ) throws(StorageError) -> ReceivedFile {
    var number = 1
    while true {
      let ordinal = number == 1 ? "" : "-\(number)"
      let whole = "\(folder)/\(name)\(ordinal).\(type)"
      number += 1
      // SAFETY: the path lives for the call.
      if unsafe access(whole, F_OK) == 0 { continue }
      let part = whole + ".part"
      do throws(StorageError) {
        return ReceivedFile(part, whole, try open(part))
      } catch {
        guard number < 1000, unsafe access(part, F_OK) == 0 else { throw error }
      }
    }
  }

  private static func open(_ path: String) throws(StorageError) -> Int32 {
    let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
    // SAFETY: the path lives for the call.
    let file = unsafe Foundation.open(path, flags, 0o600)
    guard file >= 0 else { throw StorageError(path, errno) }
    return file
  }

  borrowing func write(
    _ bytes: ArraySlice<UInt8>,
    at offset: UInt64
  ) throws(StorageError) {
    var rest = bytes
    var place = off_t(offset)
    while !rest.isEmpty {
      let wrote = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: as many bytes are read as the buffer has.
        unsafe pwrite(file, buffer.baseAddress, buffer.count, place)
      }
      if wrote < 0, errno == EINTR { continue }
      guard wrote > 0 else {
        throw StorageError(path, wrote < 0 ? errno : ENOSPC)
      }
      rest = rest.dropFirst(wrote)
      place += off_t(wrote)
    }
  }

  /// Throws away what is in it.
  borrowing func empty() throws(StorageError) { try resize(to: 0) }

  /// Why a file with more bytes than may be is not made.
  var tooLarge: StorageError { StorageError(path, EFBIG) }

  /// Waits until all is on the disk, and gives the file its name, or the next one
  /// that nobody has: it replaces nothing.
  mutating func finish(byteCount: UInt64) throws(StorageError) {
    try resize(to: byteCount)
    guard fsync(file) == 0 else { throw StorageError(path, errno) }
    guard path != name else { return }
    let whole = try Self.rename(path, to: name)
    path = whole
    // The name is on the disk only then.
    let folder = (whole as NSString).deletingLastPathComponent
    // SAFETY: the path lives for the call.
    let place = unsafe Foundation.open(folder, O_RDONLY | O_CLOEXEC)
    guard place >= 0 else { throw StorageError(folder, errno) }
    defer { close(place) }
    guard fsync(place) == 0 else { throw StorageError(folder, errno) }
  }

  private static func rename(
    _ part: String,
    to name: String
  ) throws(StorageError) -> String {
    let type = (name as NSString).pathExtension
    let base = (name as NSString).deletingPathExtension
    for number in 1..<1000 {
      let whole = number == 1 ? name : "\(base)-\(number).\(type)"
      // SAFETY: the paths live for the calls.
      if unsafe link(part, whole) == 0 {
        unsafe unlink(part)
        return whole
      }
      guard errno == EEXIST else { throw StorageError(part, errno) }
    }
    throw StorageError(name, EEXIST)
  }

  /// Takes the file away.
  borrowing func remove() {
    // SAFETY: the path lives for the call.
    unsafe unlink(path)
  }

  private borrowing func resize(to count: UInt64) throws(StorageError) {
    guard ftruncate(file, off_t(count)) == 0 else {
      throw StorageError(path, errno)
    }
  }
}
