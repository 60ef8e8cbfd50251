// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Makes the two-stage image of a trial: `oldmem pack`, then what the lab
/// adds behind it as a second archive.
struct Packing {
  /// The `oldmem` program.
  let packer: String
  let kernel: KernelPackage
  let work: Workspace

  /// Packs `initrd` into `output`.
  func pack(_ initrd: String, use: OldmemUse, to output: String) throws {
    guard FileManager.default.isExecutableFile(atPath: packer) else {
      throw LabError.missingFile(
        packer,
        hint: "make build, or name another one"
      )
    }
    let plain = try plainlyPacked(initrd, use)
    var packed = try contents(of: plain)
    if use.holding != nil {
      try Command.run([
        "cp", Self.stageTwo(of: plain), Self.stageTwo(of: output),
      ])
    }
    var more = NewcArchive()
    if let hook = use.hook { try add(hook: hook, use.hookSettings, to: &more) }
    if let damage = use.damage { try apply(damage, to: &more, of: packed) }
    // The next archive starts at a multiple of four.
    packed += Array(repeating: 0, count: (4 - packed.count % 4) % 4)
    try write(packed + more.bytes, to: output)
  }

  /// Where the stage two of an image is that goes without.
  static func stageTwo(of image: String) -> String { image + ".stage2" }

  /// The image that `oldmem pack` makes: of one of the shared images made once
  /// as long as what it is made of stays the same, for to compress takes longer
  /// than to crash.
  func plainlyPacked(
    _ initrd: String,
    _ use: OldmemUse
  ) throws -> String {
    let name = URL(fileURLWithPath: initrd).lastPathComponent
    let isShared = initrd.hasPrefix(work.images + "/")
    let own =
      try use.hasModule ? [work.ownModule("oldmem", for: kernel)] : []
    let label =
      (use.modules + own.map { _ in "oldmem" }
      + (use.packsStitching ? ["dm"] : [])
      + (use.holding != nil ? ["held"] : []))
      .map { "\($0)-" }.joined()
    let path =
      isShared
      ? "\(work.packed)/\(kernel.release)-\(label)\(name)" : initrd + ".packed"
    let daemon = URL(fileURLWithPath: packer).deletingLastPathComponent()
      .appendingPathComponent("oldmemd").path
    let sources = ([initrd, packer, daemon] + own).compactMap(
      Workspace.modified
    )
    if let made = Workspace.modified(path), sources.allSatisfy({ $0 < made }) {
      return path
    }
    try Command.run(
      [
        packer, "pack", "--initrd", initrd, "--kernel-modules",
        kernel.modules, "--output", path,
      ] + use.modules.flatMap { ["--module", $0] }
        + own.flatMap { ["--module-file", $0] }
        + (use.packsStitching ? ["--dm"] : [])
        + (use.holding != nil ? ["--stage-two", Self.stageTwo(of: path)] : []),
      seconds: 600,
      saying: "packing \(name) in two stages"
    )
    return path
  }

  /// Packs oldmemd alone, which saves the log.
  func packLogOnly(_ modules: [String], to output: String) throws {
    try Command.run(
      [
        packer, "pack", "--log-only", "--kernel-modules", kernel.modules,
        "--output", output,
      ] + modules.flatMap { ["--module", $0] }
    )
  }

  private func add(
    hook: String,
    _ settings: String,
    to archive: inout NewcArchive
  ) throws {
    for (path, program) in [
      ("oldmem/hook", hook), ("oldmem/lab/hashframes", "hashframes"),
    ] {
      archive.add(
        file: path,
        executable: true,
        content: try contents(of: try GuestArchive.compile(program, work))
      )
    }
    archive.add(file: "oldmem/hook.conf", content: Array(settings.utf8))
    let modules = ["virtio_pci", "virtio_console", "virtio_blk"]
    for (index, file) in try kernel.files(forModules: modules).enumerated() {
      archive.add(
        file: "oldmem/lab/\(index + 10)-\(file.name)",
        content: file.content
      )
    }
  }

  /// A later archive's file takes the place of an earlier one's.
  private func apply(
    _ damage: OldmemUse.Damage,
    to archive: inout NewcArchive,
    of packed: [UInt8]
  ) throws {
    let entries = NewcEntries(packed).entries
    switch damage {
    case .noModules:
      for entry in entries where entry.path.hasPrefix("oldmem/modules/") {
        archive.add(file: entry.path, content: [])
      }
    case .noManifest:
      archive.add(file: "oldmem/stage2/manifest", content: [])
    case .truncatedStageTwo:
      let parts = entries.filter {
        $0.path.hasPrefix("oldmem/stage2/") && $0.path.last?.isNumber == true
      }
      guard let last = parts.max(by: { $0.path < $1.path }) else {
        throw LabError.missingFile(
          "/oldmem/stage2",
          hint: "the packed image has no stage two"
        )
      }
      let half = last.content.prefix(last.content.count / 2)
      archive.add(file: last.path, content: Array(half))
    }
  }

  /// What the capture kernel's command line gains.
  static func commandLine(_ use: OldmemUse) -> String {
    // The lab's guests dump with makedumpfile -d 31.
    var words = ["oldmem.dump-level=31"]
    words += use.settings.map { "oldmem.\($0)" }
    return words.joined(separator: " ")
  }
}
