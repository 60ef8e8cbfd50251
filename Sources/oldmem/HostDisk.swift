// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Rescue

/// A disk or file that is read or prepared.
struct HostDisk {
  private let path: String
  private let handle: FileHandle
  let size: UInt64

  init(_ path: String, writing: Bool) throws {
    self.path = path
    let flags = writing ? O_RDWR | O_EXCL : O_RDONLY
    // O_EXCL without O_CREAT: not a device that is mounted. SAFETY: the path
    // lives for the call.
    let file = unsafe open(path, flags | O_CLOEXEC)
    guard file >= 0 else { throw Self.failure(path) }
    handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    size = try handle.seekToEnd()
  }

  func head() throws -> [UInt8] {
    try handle.seek(toOffset: 0)
    let data = try handle.read(upToCount: RescueArea.headSize) ?? Data()
    return Array(data)
  }

  /// What is on it, as blkid(8) sees it or by what is not zero in the first and
  /// the last MiB, where others keep what is theirs; nil where there is nothing.
  func content() throws -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/sbin/blkid")
    process.arguments = ["-p", "-o", "value", "-s", "TYPE", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    if (try? process.run()) != nil {
      let type = String(
        decoding: pipe.fileHandleForReading.readDataToEndOfFile(),
        as: UTF8.self
      ).trimmingCharacters(in: .whitespacesAndNewlines)
      process.waitUntilExit()
      if !type.isEmpty { return "it holds \(type)" }
      // 8: something, and blkid cannot tell what.
      if process.terminationStatus == 8 { return "it holds several things" }
    }
    let edge: UInt64 = 1 << 20
    for start in [0, size > edge ? size - edge : 0] {
      try handle.seek(toOffset: start)
      let data = try handle.read(upToCount: Int(min(edge, size))) ?? Data()
      if let place = data.firstIndex(where: { $0 != 0 }) {
        return "byte \(start + UInt64(place - data.startIndex)) is not zero"
      }
    }
    return nil
  }

  func write(_ head: [UInt8]) throws {
    do {
      try handle.seek(toOffset: 0)
      // Also the beginning of what is saved: nothing that was there is taken
      // for a log.
      try handle.write(
        contentsOf: Data(head) + Data(count: RescueArea.headSize)
      )
      try handle.synchronize()
    } catch { throw HostFile.unwritable(path, error) }
  }

  /// Copies a part of the disk to `output`; its checksum.
  ///
  /// A text ends where there is a NUL.
  @discardableResult
  func copy(
    _ place: Range<UInt64>,
    to output: FileHandle,
    isText: Bool
  ) throws -> UInt64 {
    try handle.seek(toOffset: place.lowerBound)
    var sum = RescueArea.Sum()
    var left = place.byteCount
    while left > 0 {
      let piece = Int(min(left, 1 << 16))
      guard var data = try handle.read(upToCount: piece), !data.isEmpty else {
        break
      }
      let end = isText ? data.firstIndex(of: 0) : nil
      if let end { data = data[..<end] }
      sum.update(Array(data).span)
      try output.write(contentsOf: data)
      left = end == nil ? left - UInt64(data.count) : 0
    }
    return sum.value
  }

  private static func failure(_ path: String) -> BadInput {
    BadInput(
      path: path,
      sentence: HostFile.text(errno)
        + (errno == EBUSY ? "; unmount it, or take it out of use" : "")
    )
  }
}
