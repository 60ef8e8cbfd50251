// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

// What arrived where the dump was sent to, and what foreign tools say of it.
extension DebianTrial {
  /// Looks for the dump, and has makedumpfile read all of it; drgn, too, where
  /// memory was saved to compare it with.
  func judge(_ observation: inout Observation, list: String) throws {
    try collect()
    note(beside: &observation)
    let whole = folder + "/dump"
    // Only a dump that was finished loses its name dump-incomplete.
    if let dump = file(startingWith: "dump.") {
      let attributes = try FileManager.default.attributesOfItem(atPath: dump)
      observation.facts["dump-bytes"] = attributes[.size].map { "\($0)" }
      observation.facts["dump-unreadable"] = try fault {
        try Command.run(
          ["sh", "-c", "makedumpfile -R \"$0\" < \"$1\"", whole, dump],
          seconds: 600
        )
        try Command.run(
          ["makedumpfile", "-l", "-d", "31", whole, whole + ".again"],
          seconds: 600
        )
        // The crashed kernel's own last words are in it.
        let log = folder + "/dmesg"
        try Command.run(["makedumpfile", "--dump-dmesg", whole, log])
        observation.dumpIsComplete = try text(of: log).contains(
          Stage.panicOfTheFirst
        )
        try compare(&observation, whole, copy: nil, list)
      }
    } else if let copy = file(startingWith: "vmcore.") {
      observation.facts["copied"] = "yes"
      observation.facts["dump-unreadable"] = try fault {
        try Command.run(
          ["makedumpfile", "-c", "-d", "31", copy, whole],
          seconds: 600
        )
        try compare(&observation, whole, copy: copy, list)
      }
    }
  }

  /// What a foreign tool has against the dump.
  private func fault(_ body: () throws -> Void) throws -> String? {
    do { try body() } catch let error as LabError { return "\(error)" }
    return nil
  }

  /// Has the dump compared with the memory that was saved before, if it was.
  private func compare(
    _ observation: inout Observation,
    _ dump: String,
    copy: String?,
    _ list: String
  ) throws {
    let saved = "\(folder)/\(Machine.savedMemory)"
    guard FileManager.default.fileExists(atPath: saved) else { return }
    var words = [
      images.work.lab + "/judges/venv/bin/python",
      images.work.root + "/lab/judges/drgn-dump",
      "--symbols", images.work.lab + "/debug", "--list", list,
    ]
    if let copy { words += ["--copy", copy] }
    if let lent = file(startingWith: "lent-frames") {
      words += ["--lent", lent]
    }
    let said = try Command.run(
      words + [dump, saved],
      seconds: 1800,
      saying: "drgn reads the dump (minutes, the first time)"
    )
    for line in said.split(separator: "\n") {
      observation.note(GuestMessage(line: "fact \(line)"))
    }
  }

  /// Brings what is in /var/crash here, from whichever disk it is on.
  private func collect() throws {
    let place: (disk: String, path: String)
    switch guest.target {
    case .ssh, .nfs: return
    case .disk: place = (own.disk, "/var/crash")
    case .multipath: place = (own.crash, "/")
    case .lvm:
      // One linear volume; LVM's own area is before it.
      place = (folder + "/debian.volume", "/")
      try Command.run(
        [
          "dd", "if=\(own.crash)", "of=\(place.disk)", "bs=1M", "skip=1",
          "conv=sparse",
        ],
        seconds: 600
      )
    }
    // Its journal has to be replayed; status 1 says that it was.
    try Command.run([
      "sh", "-c", "e2fsck -fy \"$0\" || [ $? -le 1 ]", place.disk,
    ])
    if place.path == "/" { try Workspace.make(folder: crash) }
    let into = place.path == "/" ? crash : folder
    try Command.run(
      ["debugfs", "-R", "rdump \(place.path) \(into)", place.disk],
      seconds: 600
    )
  }

  /// Notes what the package has put beside the dump.
  private func note(beside observation: inout Observation) {
    guard use != nil else { return }
    let list = file(startingWith: "lent-frames")
    let runs = FrameList(list.flatMap { try? text(of: $0) } ?? "").runs
    observation.facts["frames-listed"] =
      "\(runs.reduce(0) { $0 + $1.count })"
    if let path = file(startingWith: "oldmem-record.json"),
      let data = FileManager.default.contents(atPath: path),
      let record = try? JSONSerialization.jsonObject(with: data)
        as? [String: Any]
    {
      let samples = record["samples"] as? [Any]
      let lent = (record["lent"] as? [String: Any])?["frames"] as? Int
      observation.facts["record-samples"] = "\(samples?.count ?? 0)"
      observation.facts["record-frames"] = "\(lent ?? 0)"
    }
    observation.facts["marked"] =
      file(startingWith: "HOLDS-LENT-FRAMES") == nil ? "no" : "yes"
  }

  private func file(startingWith start: String) -> String? {
    let all = FileManager.default.enumerator(atPath: crash)
    while let path = all?.nextObject() as? String {
      let name = path.split(separator: "/").last ?? ""
      if name.hasPrefix(start) { return "\(crash)/\(path)" }
    }
    return nil
  }
}
