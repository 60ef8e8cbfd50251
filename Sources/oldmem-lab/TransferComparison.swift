// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Reads what the guests of a trial left on their disks about data that was
/// under way, and adds what that comes to.
struct TransferComparison {
  let work: Workspace
  /// The folder with the disks `transfers`, `pageflags`, `frames` and `slow`,
  /// and, where all memory was watched, `vmcore` and `after`.
  let folder: String
  /// The `oldmem` program, for what it would lend.
  let scanner: String

  /// Adds facts to the observation; `list` gets the frames that changed.
  func judge(_ observation: inout Observation, list: String) throws {
    let judge = TransferJudge(
      transfers: TransferList(try head(of: "transfers")),
      flags: PageFlags(try contents(of: folder + "/pageflags.disk"))
    )
    add(judge.facts, to: &observation)
    let lent = FrameList(try head(of: "frames"))
    if !lent.runs.isEmpty {
      add(judge.facts(of: lent), to: &observation)
    }
    let slow = try contents(of: folder + "/slow.disk")
    add(judge.facts(ofDisk: slow), to: &observation)
    try judgeMemory(&observation, judge, list: list)
  }

  /// What changed in all of memory, and what `oldmem scan` says of it as it
  /// was before.
  private func judgeMemory(
    _ observation: inout Observation,
    _ judge: TransferJudge,
    list: String
  ) throws {
    let core = folder + "/vmcore.disk"
    guard let size = observation.facts["vmcore-bytes"].flatMap(Int.init),
      FileManager.default.fileExists(atPath: core),
      let after = try? FrameHashes(try contents(of: folder + "/after.disk"))
    else { return }
    try Command.run(["truncate", "-s", "\(size)", core])
    let hashes = folder + "/before"
    let program = try GuestArchive.compile("hashframes", work)
    try Command.run([program, hashes, core], seconds: 300)
    let before = try FrameHashes(try contents(of: hashes))
    let changed = after.differences(from: before)
    let kept = folder + "/kept"
    let scan = try scanned(core, ["--kept", kept])
    let unvetoed = try scanned(core, ["--test-without-vetoes"])
    add(judge.facts(ofKept: FrameList(try text(of: kept))), to: &observation)
    observation.facts["frames-hashed"] = "\(after.hashes.count)"
    add(judge.facts(of: scan, prefix: "scan-"), to: &observation)
    add(judge.facts(of: unvetoed, prefix: "unvetoed-"), to: &observation)
    add(judge.facts(ofChanged: changed, scan: scan), to: &observation)
    let underWay = judge.transfers.frames
    var lines = "# frame use\n"
    for frame in changed {
      let use = judge.flags.use(of: frame).rawValue
      lines += "\(frame) \(underWay.contains(frame) ? "under-way" : use)\n"
    }
    try write(Array(lines.utf8), to: list)
  }

  /// What `oldmem scan` would lend of a core file.
  private func scanned(
    _ core: String,
    _ options: [String]
  ) throws -> FrameList {
    let list = folder + "/chosen"
    try Command.run(
      [
        scanner, "scan", "--makedumpfile", InFlight.makedumpfile, "--frames",
        list,
      ] + options + [core],
      seconds: 600,
      saying: "scanning the crashed kernel's memory"
    )
    return FrameList(try text(of: list))
  }

  private func add(
    _ facts: [String: String],
    to observation: inout Observation
  ) {
    observation.facts.merge(facts) { $1 }
  }

  /// The text at the start of a disk, up to the first NUL.
  private func head(of disk: String) throws -> String {
    let bytes = try contents(of: "\(folder)/\(disk).disk")
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
