// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Compares what frames held before oldmem's first write with what they hold
/// at the end, and lists the differences by frame and class.
struct FrameComparison {
  let work: Workspace
  /// The folder with the disks `before`, `after`, `frames` and, if asked for,
  /// the snapshot.
  let folder: String

  /// Adds the counts to the observation and writes the list.
  ///
  /// `outside` are differences in frames that oldmem did not choose.
  func judge(_ observation: inout Observation, list: String) throws {
    let chosen = FrameList(
      (try? text(of: folder + "/frames.disk")) ?? ""
    )
    let after: FrameHashes
    do {
      let before = try FrameHashes(try contents(of: folder + "/before.disk"))
      after = try FrameHashes(try contents(of: folder + "/after.disk"))
      let changed = after.differences(from: before)
      let outside = changed.filter { chosen.run(of: $0) == nil }
      observation.facts["frames-hashed"] = "\(after.hashes.count)"
      observation.facts["frames-chosen"] =
        "\(chosen.runs.reduce(0) { $0 + $1.count })"
      observation.facts["frames-changed"] = "\(changed.count)"
      observation.facts["frames-changed-outside"] = "\(outside.count)"
      try write(changed, chosen, to: list)
      try judgeMapped(&observation, before, chosen)
    } catch let error as FrameHashes.Unfinished {
      observation.facts["frames-error"] = "\(error)"
      return
    }
    try judgeSnapshot(&observation, chosen, after)
  }

  /// The same by what a mapping of /proc/vmcore showed, where the guest has
  /// hashed that too.
  private func judgeMapped(
    _ observation: inout Observation,
    _ before: FrameHashes,
    _ chosen: FrameList
  ) throws {
    let disk = folder + "/mapped.disk"
    guard FileManager.default.fileExists(atPath: disk) else { return }
    let mapped = try FrameHashes(try contents(of: disk))
    let outside = mapped.differences(from: before).filter {
      chosen.run(of: $0) == nil
    }
    observation.facts["frames-mapped"] = "\(mapped.hashes.count)"
    observation.facts["frames-mapped-changed-outside"] = "\(outside.count)"
  }

  /// The same against the memory that QEMU saved before the first write.
  private func judgeSnapshot(
    _ observation: inout Observation,
    _ chosen: FrameList,
    _ after: FrameHashes
  ) throws {
    let snapshot = folder + "/before-first-write"
    guard FileManager.default.fileExists(atPath: snapshot) else { return }
    let list = folder + "/snapshot.hashes"
    let program = try GuestArchive.compile("hashframes", work)
    try Command.run([program, list, snapshot], seconds: 300)
    let before = try FrameHashes(try contents(of: list))
    // A comparison with nothing would find no difference.
    observation.facts["frames-in-snapshot"] =
      "\(before.hashes.keys.count { after.hashes[$0] != nil })"
    let outside = after.differences(from: before).filter {
      chosen.run(of: $0) == nil
    }
    observation.facts["frames-changed-since-snapshot-outside"] =
      "\(outside.count)"
  }

  private func write(
    _ changed: [UInt64],
    _ chosen: FrameList,
    to path: String
  ) throws {
    let classes = try classes()
    var lines = "# frame class\n"
    for frame in changed {
      let kind =
        chosen.run(of: frame) != nil
        ? "chosen" : classes?.run(of: frame)?.kind ?? "not-reusable"
      lines += "\(frame) \(kind)\n"
    }
    try write(lines, to: path)
  }

  private func write(_ text: String, to path: String) throws {
    try oldmem_lab.write(Array(text.utf8), to: path)
  }

  /// Classes by `oldmem scan`, when the trial copied /proc/vmcore too.
  private func classes() throws -> FrameList? {
    let core = folder + "/vmcore.disk"
    let scanner = work.root + "/build/bin/oldmem"
    guard FileManager.default.fileExists(atPath: core),
      FileManager.default.isExecutableFile(atPath: scanner)
    else { return nil }
    let list = folder + "/classes"
    try Command.run([scanner, "scan", "--frames", list, core], seconds: 300)
    return FrameList(try text(of: list))
  }
}
