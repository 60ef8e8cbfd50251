// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Rescue

/// `oldmem rescue-read`: what was saved there.
struct RescueRead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue-read",
    abstract: "Prints what was saved on a disk that was prepared for it.",
    discussion: """
      Exits with 0 if all of it is there and as it was saved, with 3 if there \
      is nothing or not all, which is given out nevertheless.

      Example: oldmem rescue-read /dev/disk/by-partlabel/rescue > dmesg.txt
      Example: oldmem rescue-read --dump vmcore /dev/disk/by-partlabel/rescue
      """
  )

  @Argument(help: "The disk, partition or file.", completion: .file())
  var device: String

  @Option(
    help: ArgumentHelp(
      "Copy the dump into a new file, instead of printing the log.",
      valueName: "file"
    ),
    completion: .file()
  )
  var dump: String?

  func run() throws {
    let disk = try HostDisk(device, writing: false)
    let head = try disk.head()
    let area: RescueArea
    do throws(RescueAreaError) { area = try RescueArea(head.span) } catch {
      throw BadInput(path: device, sentence: error.sentence)
    }
    if let dump {
      try readDump(area.dump, in: area.dumpPlace, of: disk, to: dump)
    } else {
      try readLog(area.log, in: area.logPlace, of: disk)
    }
  }

  private func readLog(
    _ log: RescueArea.Saved,
    in place: Range<UInt64>,
    of disk: HostDisk
  ) throws {
    let output = FileHandle.standardOutput
    switch log.state {
    case .empty: throw incomplete("no log was saved since it was prepared")
    case .writing:
      // Up to where zeros begin, or what was there before.
      try disk.copy(place, to: output, isText: true)
      throw incomplete(
        "it was being saved when the machine stopped: the end is missing"
      )
    case .complete, .cut:
      let part = place.lowerBound..<place.lowerBound + log.count
      guard try disk.copy(part, to: output, isText: false) == log.checksum
      else { throw incomplete("the log is damaged: its checksum differs") }
      tell("the log", log)
      if log.state == .cut {
        throw incomplete("there was no room for the log's beginning")
      }
    }
  }

  private func readDump(
    _ dump: RescueArea.Saved,
    in place: Range<UInt64>,
    of disk: HostDisk,
    to path: String
  ) throws {
    guard dump.state != .empty, dump.count > 0 else {
      throw incomplete("no dump was saved since it was prepared")
    }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    // SAFETY: open reads the path, which outlives the call.
    let file = unsafe open(path, flags, 0o600)
    guard file >= 0 else {
      throw BadInput(path: path, sentence: HostFile.text(errno))
    }
    let output = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    let part = place.lowerBound..<place.lowerBound + dump.count
    let sum = try disk.copy(part, to: output, isText: false)
    tell("the dump", dump)
    switch dump.state {
    case .complete where dump.checksum == 0:
      warn("there was no time to read the dump again, so it has no checksum")
    case .complete where sum == dump.checksum: break
    case .cut where sum == dump.checksum || dump.checksum == 0:
      throw incomplete("the dump has not all frames: its room or time was over")
    case .complete, .cut:
      throw incomplete("the dump is damaged: its checksum differs")
    case .writing, .empty:
      throw incomplete(
        "the dump was being saved when the machine stopped; frames that had "
          + "arrived by then can be read"
      )
    }
  }

  private func tell(_ name: String, _ saved: RescueArea.Saved) {
    let date = Date(timeIntervalSince1970: Double(saved.time))
    let time = date.formatted(.iso8601)
    warn("\(name) of \(time), \(saved.count) bytes")
  }

  /// Says why not all is there.
  private func incomplete(_ problem: String) -> ExitCode {
    warn(problem)
    return ExitCode(3)
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
      """
      is prepared by another oldmem, version \(version) of the format; read it \
      with that one
      """
    case .otherID: "is prepared with another ID"
    case .otherSize: "has another size than when it was prepared"
    }
  }
}
