// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// The images that take long to build, built once.
struct Images {
  let work: Workspace
  let kernel: KernelPackage

  /// Debian's kdump initramfs with MODULES=most.
  func kdump() throws -> String {
    try built("kdump-\(kernel.release).initrd") { path in
      note("building Debian's kdump initramfs (some minutes the first time)")
      try Command.run(
        [
          work.recipes + "/kdump-initrd", system, kernel.folder,
          kernel.release, path,
        ],
        seconds: 1800
      )
    }
  }

  /// The root disk that dumps and reports.
  func root() throws -> String {
    try built("root-\(kernel.release).ext4") { path in
      note("building the root disk")
      let modules = work.images + "/root-modules-\(kernel.release)"
      try Workspace.make(folder: modules)
      let names = ["virtio_pci", "virtio_console", "virtio_blk"]
      let files = try kernel.files(forModules: names)
      for (index, file) in files.enumerated() {
        try write(file.content, to: "\(modules)/\(index + 10)-\(file.name)")
      }
      try Command.run(
        [work.recipes + "/root-disk", system, work.guest, modules, path],
        seconds: 1800
      )
    }
  }

  /// dracut's initramfs with systemd.
  func dracut() throws -> String {
    try built("dracut-\(kernel.release).initrd") { path in
      note("building dracut's initramfs (some minutes the first time)")
      try Command.run(
        [
          work.recipes + "/dracut-initrd", work.images + "/debian-dracut",
          kernel.folder, kernel.release, path,
        ],
        seconds: 1800
      )
    }
  }

  /// The root disk with systemd.
  func systemd() throws -> String {
    try built("systemd.ext4") { path in
      note("building the root disk with systemd")
      _ = try GuestArchive.compile("hog", work)
      try Command.run(
        [
          work.recipes + "/systemd-disk", work.images + "/debian-dracut",
          work.guest, work.programs, path,
        ],
        seconds: 1800
      )
    }
  }

  /// An ext4 disk with files for the page cache.
  func data() throws -> String {
    try built("data.ext4") { path in
      note("building the data disk")
      try Command.run([work.recipes + "/data-disk", path], seconds: 300)
    }
  }

  private var system: String { work.images + "/debian" }

  private func built(
    _ name: String,
    by build: (String) throws -> Void
  ) throws -> String {
    let path = "\(work.images)/\(name)"
    if !FileManager.default.fileExists(atPath: path) { try build(path) }
    return path
  }
}

/// Tells the person at the terminal what takes time.
func note(_ text: String) {
  FileHandle.standardError.write(Data("oldmem-lab: \(text)\n".utf8))
}
