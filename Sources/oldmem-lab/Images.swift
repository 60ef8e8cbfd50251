// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// The images that take long to build, built again only when the scripts that
/// make them have changed.
struct Images {
  let work: Workspace
  let kernel: KernelPackage

  /// Debian's kdump initramfs with MODULES=most.
  func kdump() throws -> String {
    try built("kdump-\(kernel.release).initrd", from: ["kdump-initrd"]) {
      try recipe(
        "kdump-initrd",
        [system, kernel.folder, kernel.release, $0],
        "building Debian's kdump initramfs, once (minutes)"
      )
    }
  }

  /// The root disk that dumps and reports.
  func root() throws -> String {
    try built(
      "root-\(kernel.release).ext4",
      from: ["root-disk", "root.sh", "functions.sh"]
    ) { path in
      let modules = work.images + "/root-modules-\(kernel.release)"
      try Workspace.make(folder: modules)
      let names = ["virtio_pci", "virtio_console", "virtio_blk"]
      let files = try kernel.files(forModules: names)
      for (index, file) in files.enumerated() {
        try write(file.content, to: "\(modules)/\(index + 10)-\(file.name)")
      }
      try recipe(
        "root-disk",
        [system, work.guest, modules, path],
        "building the root disk"
      )
    }
  }

  /// dracut's initramfs with systemd.
  func dracut() throws -> String {
    try built("dracut-\(kernel.release).initrd", from: ["dracut-initrd"]) {
      try recipe(
        "dracut-initrd",
        [dracutSystem, kernel.folder, kernel.release, $0],
        "building dracut's initramfs, once (minutes)"
      )
    }
  }

  /// The same with `dracut-dump.sh`, which dumps.
  func dumpingDracut() throws -> String {
    let script = "dracut-dump.sh"
    let name = "dracut-dump-\(kernel.release).initrd"
    return try built(name, from: ["dracut-initrd", script]) {
      try recipe(
        "dracut-initrd",
        [
          dracutSystem, kernel.folder, kernel.release, $0,
          "\(work.guest)/\(script)",
        ],
        "building dracut's initramfs that dumps, once (minutes)"
      )
    }
  }

  /// The root disk with systemd.
  func systemd() throws -> String {
    try built(
      "systemd.ext4",
      from: ["systemd-disk", "reboot-under-swap.sh", "functions.sh", "hog.c"]
    ) { path in
      _ = try GuestArchive.compile("hog", work)
      try recipe(
        "systemd-disk",
        [dracutSystem, work.guest, work.programs, path],
        "building the root disk with systemd"
      )
    }
  }

  /// An ext4 disk with files for the page cache.
  func data() throws -> String {
    try built("data.ext4", from: ["data-disk"]) {
      try recipe("data-disk", [$0], "building the data disk")
    }
  }

  /// An empty xfs.
  func folios() throws -> String {
    try built("folios.xfs", from: ["folios-disk"]) {
      try recipe("folios-disk", [$0], "building the disk for large folios")
    }
  }

  private var system: String { work.images + "/debian" }
  private var dracutSystem: String { work.images + "/debian-dracut" }

  func recipe(
    _ name: String,
    _ arguments: [String],
    _ words: String
  ) throws {
    try Command.run(
      ["\(work.recipes)/\(name)"] + arguments,
      seconds: 1800,
      saying: words
    )
  }

  /// `sources` are names of lab/images and lab/guest.
  func built(
    _ name: String,
    from sources: [String],
    by build: (String) throws -> Void
  ) throws -> String {
    let path = "\(work.images)/\(name)"
    let made = Workspace.modified(path)
    let written = sources.compactMap {
      Workspace.modified("\(work.recipes)/\($0)")
        ?? Workspace.modified("\(work.guest)/\($0)")
    }
    guard let made, written.allSatisfy({ $0 < made }) else {
      try build(path)
      return path
    }
    return path
  }
}
