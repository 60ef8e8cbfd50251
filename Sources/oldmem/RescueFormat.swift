// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Rescue

/// `oldmem rescue-format`: prepares a disk for what may have to be saved.
struct RescueFormat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue-format",
    abstract: "Prepares a disk or partition for the crashed kernel's log.",
    discussion: """
      All that is on it is given up. Prints the settings for /etc/oldmem.conf; \
      without that ID nothing is ever written there.

      Example: oldmem rescue-format /dev/disk/by-partlabel/rescue
      """
  )

  @Argument(help: "The disk, partition or file.")
  var device: String

  @Option(help: "The ID, 32 hexadecimal digits. (default: a random one)")
  var id: String?

  @Flag(help: "Even if there is something on it that looks like data.")
  var force = false

  func validate() throws {
    if let id, RescueID(Array(id.utf8).span) == nil {
      throw ValidationError("--id must be 32 hexadecimal digits.")
    }
  }

  func run() throws {
    let text =
      id?.lowercased()
      ?? (0..<16).map { _ in
        String(format: "%02x", UInt8.random(in: 0...255))
      }.joined()
    guard let id = RescueID(Array(text.utf8).span) else {
      throw BadInput(path: device, sentence: "has no ID")
    }
    let disk = try RescueDisk(device, writing: true)
    let head = try disk.head()
    let isOurs = (try? RescueArea(head.span)) != nil
    if !force, !isOurs, let what = try disk.content() {
      throw BadInput(
        path: device,
        sentence: "is not empty: \(what); --force gives up what is there"
      )
    }
    guard let area = RescueArea(id: id, size: disk.size) else {
      throw BadInput(path: device, sentence: "is smaller than 8192 bytes")
    }
    try disk.write(area.bytes)
    print("rescue = \(device)\nrescue-id = \(text)")
  }
}

/// `oldmem rescue-read`: what was saved there.
struct RescueRead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue-read",
    abstract: "Prints what was saved on a disk that was prepared for it.",
    discussion: """
      Exits with 0 if all of it is there and as it was saved, with 3 if there \
      is nothing or not all, which is printed nevertheless.

      Example: oldmem rescue-read /dev/disk/by-partlabel/rescue > dmesg.txt
      """
  )

  @Argument(help: "The disk, partition or file.")
  var device: String

  func run() throws {
    let disk = try RescueDisk(device, writing: false)
    let head = try disk.head()
    let area: RescueArea
    do throws(RescueAreaError) { area = try RescueArea(head.span) } catch {
      throw BadInput(path: device, sentence: error.sentence)
    }
    switch area.state {
    case .empty:
      warn("nothing was saved since it was prepared")
      throw ExitCode(3)
    case .writing:
      // Up to where zeros begin, or what was there before.
      try disk.copy(area.room, untilNUL: true)
      warn("it was being saved when the machine stopped: the end is missing")
      throw ExitCode(3)
    case .complete, .cut:
      guard try disk.copy(area.count, untilNUL: false) == area.checksum else {
        warn("it is damaged: the checksum is another one")
        throw ExitCode(3)
      }
      if area.state == .cut {
        warn("there was no room for its beginning")
        throw ExitCode(3)
      }
    }
  }

  private func warn(_ problem: String) {
    FileHandle.standardError.write(Data("\(device): \(problem)\n".utf8))
  }
}

extension RescueAreaError {
  /// The error in words.
  var sentence: String {
    switch self {
    case .notPrepared: "is not prepared; `oldmem rescue-format` does that"
    case .unknownVersion(let version):
      "is prepared by another oldmem, version \(version) of the format"
    case .otherID: "is prepared with another ID"
    case .otherSize: "has another size than when it was prepared"
    }
  }
}

/// A disk or file that is read or prepared.
private struct RescueDisk {
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
    } catch { throw BadInput(path: path, sentence: "\(error)") }
  }

  /// Prints what is saved, and says its checksum.
  @discardableResult
  func copy(_ count: UInt64, untilNUL: Bool) throws -> UInt64 {
    try handle.seek(toOffset: UInt64(RescueArea.headSize))
    var sum = RescueArea.Sum()
    var left = count
    while left > 0 {
      let piece = Int(min(left, 1 << 16))
      guard var data = try handle.read(upToCount: piece), !data.isEmpty else {
        break
      }
      let end = untilNUL ? data.firstIndex(of: 0) : nil
      if let end { data = data[..<end] }
      sum.update(Array(data).span)
      try FileHandle.standardOutput.write(contentsOf: data)
      left = end == nil ? left - UInt64(data.count) : 0
    }
    return sum.value
  }

  private static func failure(_ path: String) -> BadInput {
    // SAFETY: strerror returns a string that ends, and it is copied at once.
    BadInput(path: path, sentence: unsafe String(cString: strerror(errno)))
  }
}
