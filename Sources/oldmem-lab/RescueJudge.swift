// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Compares the log that was saved on the disk `rescue` with what the machine's
/// own serial console showed before it crashed, and a dump with its memory.
struct RescueJudge {
  /// The `oldmem` program.
  let oldmem: String
  let work: Workspace
  /// The folder with the disk.
  let folder: String

  /// What the disk moves in a second where power is cut: a dump takes some
  /// seconds then, of which any may be the last.
  static let slow = 16 << 20

  private var disk: String { "\(folder)/\(Disk.rescue.name).disk" }

  /// Makes the disk, as its owner would.
  func prepare() throws {
    try Command.run(["truncate", "-s", "512M", disk])
    try Command.run(
      [oldmem, "rescue-format", "--id", Disk.rescueID, disk]
    )
  }

  /// Adds how many lines the console had before the crash, and how many of
  /// them are not in the saved log, in their order.
  func judge(_ observation: inout Observation) throws {
    try judgeDump(&observation)
    let log = try? Command.run([oldmem, "rescue-read", disk])
    judge(log: log, &observation)
  }

  /// The same of what was received over the network.
  func judge(
    _ end: ReceivingEnd,
    _ observation: inout Observation
  ) throws {
    let (log, dump) = try end.files()
    judge(log: try log.map { try text(of: $0) }, &observation)
    // It has its name only once all of it has come.
    guard let dump else {
      observation.facts["rescued-dump"] = "none"
      return
    }
    try compare(dump, "status 0", &observation)
  }

  private func judge(log: String?, _ observation: inout Observation) {
    guard let log else {
      observation.facts["rescued"] = "no"
      return
    }
    let saved = log.split(separator: "\n")
    observation.facts["rescued"] = "yes"
    observation.facts["rescued-lines"] = "\(saved.count)"
    let shown = observation.console.prefix {
      !$0.contains(Stage.panicOfTheFirst)
    }.filter(Self.isOfKernel)
    var next = saved.startIndex
    var missing = 0
    for line in shown {
      if let place = saved[next...].firstIndex(where: { $0 == line }) {
        next = place + 1
      } else {
        missing += 1
      }
    }
    observation.facts["console-lines"] = "\(shown.count)"
    observation.facts["console-lines-missing"] = "\(missing)"
    observation.facts["rescued-panic"] =
      saved.contains { $0.contains(Stage.panicOfTheFirst) } ? "yes" : "no"
  }

  /// Adds what is in the dump, if there is one, by drgn and by the memory that
  /// was saved before.
  private func judgeDump(_ observation: inout Observation) throws {
    let dump = folder + "/rescued"
    let status =
      "\"$0\" rescue-read --dump \"$1\" \"$2\" 2>&1; echo \"status $?\""
    let said = try Command.run(["sh", "-c", status, oldmem, dump, disk])
    try compare(dump, said, &observation)
  }

  /// The same of a dump that went to the console.
  func judgeConsole(
    _ console: String,
    _ observation: inout Observation
  ) throws {
    let dump = folder + "/received"
    let status =
      "\"$0\" receive --console \"$1\" \"$2\" 2>&1; echo \"status $?\""
    let said = try Command.run(["sh", "-c", status, oldmem, console, dump])
    try compare(dump, said, &observation)
  }

  private func compare(
    _ dump: String,
    _ said: String,
    _ observation: inout Observation
  ) throws {
    let isThere = FileManager.default.fileExists(atPath: dump)
    observation.facts["rescued-dump"] =
      said.contains("status 0") ? "whole" : isThere ? "part" : "none"
    observation.facts["rescued-dump-wrong"] = "0"
    let memory = "\(folder)/\(Machine.savedMemory)"
    guard isThere, FileManager.default.fileExists(atPath: memory) else {
      return
    }
    let head = try FileHandle(forReadingFrom: URL(filePath: dump))
      .read(upToCount: 5)
    guard head == Data("KDUMP".utf8) else {
      // Power was gone before there was a dump, and nobody takes it for one.
      observation.facts["rescued-dump"] = "part, without a head"
      return
    }
    let facts = try Command.run(
      [
        work.lab + "/judges/venv/bin/python",
        work.root + "/lab/judges/rescued", dump, memory,
      ],
      seconds: 300
    )
    for line in facts.split(separator: "\n") {
      observation.note(GuestMessage(line: "fact \(line)"))
    }
  }

  /// Whether a line is one of the kernel's log: `[    1.234567] text`.
  private static func isOfKernel(_ line: String) -> Bool {
    line.hasPrefix("[") && line.contains("] ")
      && line.dropFirst().prefix { $0 != "]" }
        .allSatisfy { $0.isNumber || $0 == " " || $0 == "." }
  }
}
