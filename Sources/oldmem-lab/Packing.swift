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
      throw LabError.missingFile(packer, hint: "make build, or give --oldmem")
    }
    try Command.run(
      [
        packer, "pack", "--initrd", initrd, "--kernel-modules",
        kernel.modules, "--output", output,
      ],
      seconds: 300
    )
    guard let hook = use.hook else { return }
    var more = NewcArchive()
    more.add(
      file: "oldmem/hook",
      executable: true,
      content: try contents(of: try GuestArchive.compile(hook, work))
    )
    more.add(
      file: "oldmem/hook.conf",
      content: Array((use.hookSettings + "\n").utf8)
    )
    let modules = ["virtio_pci", "virtio_console", "virtio_blk"]
    for (index, file) in try kernel.files(forModules: modules).enumerated() {
      more.add(
        file: "oldmem/lab/\(index + 10)-\(file.name)",
        content: file.content
      )
    }
    var packed = try contents(of: output)
    // The next archive starts at a multiple of four.
    packed += Array(repeating: 0, count: (4 - packed.count % 4) % 4)
    try write(packed + more.bytes, to: output)
  }

  /// What the capture kernel's command line gains.
  static func commandLine(_ use: OldmemUse) -> String {
    var words = ["rdinit=/oldmem/init"]
    words += use.settings.map { "oldmem.\($0)" }
    if use.hook != nil { words.append("oldmem.hook=/oldmem/hook") }
    return words.joined(separator: " ")
  }
}
