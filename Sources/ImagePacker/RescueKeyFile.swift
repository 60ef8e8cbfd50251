// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import RescueStream

/// The file with the key that what is sent over a network is sealed with.
public enum RescueKeyFile {
  /// All bytes of a key's file, which is its owner's alone.
  public static func read(_ file: String) throws(PackError) -> [UInt8] {
    // SAFETY: the path lives for the call.
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw .unreadable(file: file, reason: HostFile.sentence(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    // SAFETY: the structure lives here.
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .unreadable(file: file, reason: HostFile.sentence(errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notKey(file: file) }
    guard status.st_mode & 0o077 == 0 else { throw .openKey(file: file) }
    // One byte more than the longest key has, with a line's end.
    let text = (try? handle.read(upToCount: 128)).flatMap { $0 } ?? Data()
    let bytes = [UInt8](text)
    guard bytes.count < 128, StreamKey(file: bytes.span) != nil else {
      throw .notKey(file: file)
    }
    return bytes
  }

  /// Makes a file with a new key: 64 hexadecimal digits of 32 random bytes.
  public static func make(_ file: String) throws(PackError) {
    var random = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef".utf8)
    var text = [UInt8]()
    for _ in 0..<32 {
      let byte: UInt8 = random.next()
      text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    text.append(0x0a)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    // SAFETY: the path lives for the call.
    let descriptor = unsafe open(file, flags, 0o600)
    guard descriptor >= 0 else {
      throw .unwritable(file: file, reason: HostFile.sentence(errno))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(text))
      try handle.synchronize()
    } catch {
      // SAFETY: as above.
      unsafe unlink(file)
      throw .unwritable(file: file, reason: error.localizedDescription)
    }
  }

  /// The file that settings name; nil where they name none.
  static func named(in settings: [UInt8]) throws(PackError) -> String? {
    let lines = String(decoding: settings, as: UTF8.self)
      .split(whereSeparator: \.isNewline)
    var file: String?
    for line in lines {
      let sides = line.split(
        separator: "=",
        maxSplits: 1,
        omittingEmptySubsequences: false
      ).map { $0.trimmingCharacters(in: .whitespaces) }
      if sides.count == 2, sides[0] == "rescue-key" { file = sides[1] }
    }
    if let file, !file.hasPrefix("/") { throw .notKey(file: file) }
    return file
  }
}
