// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// A Debian kernel package, downloaded by apt and unpacked, or a kernel of our
/// own in the same layout; never installed.
struct KernelPackage {
  /// Such as 6.12.117+deb12-cloud-amd64.
  let release: String
  /// The folder that it is unpacked in.
  let folder: String

  /// The kernel image.
  var image: String { "\(folder)/boot/vmlinuz-\(release)" }
  /// The modules' folder.
  var modules: String { "\(folder)/lib/modules/\(release)" }

  /// `kernel` is one of `KernelName`, or a whole release.
  static func fetch(_ kernel: String, _ work: Workspace) throws -> Self {
    let release = try release(of: kernel)
    let package = Self(
      release: release,
      folder: "\(work.kernels)/\(release)"
    )
    let mark = package.folder + "/.complete"
    if FileManager.default.fileExists(atPath: mark) { return package }

    let debs = work.kernels + "/debs"
    try Workspace.make(folder: debs)
    try Workspace.make(folder: package.folder)
    let name = "linux-image-" + release
    try Command.run(
      ["apt-get", "download", "-q", name],
      in: debs,
      seconds: 600,
      saying: "downloading \(name)"
    )
    let files = try FileManager.default.contentsOfDirectory(atPath: debs)
    guard let file = files.sorted().last(where: { $0.hasPrefix(name + "_") })
    else {
      throw LabError.unknownKernel(kernel, reason: "apt downloaded no \(name)")
    }
    try Command.run(["dpkg-deb", "-x", "\(debs)/\(file)", package.folder])
    try Command.run(["depmod", "-b", package.folder, release])
    try write([], to: mark)
    return package
  }

  /// A kernel that scripts/kernel builds, as far as it is not yet built.
  static func build(_ name: String, _ work: Workspace) throws -> Self {
    try Command.run(
      ["\(work.root)/scripts/kernel", name],
      seconds: 7200,
      saying: "building the kernel \(name), once (minutes)"
    )
    let folder = "\(work.root)/.build/kernel/\(name)"
    let images = try FileManager.default.contentsOfDirectory(
      atPath: folder + "/boot"
    )
    let start = "vmlinuz-"
    guard let image = images.first(where: { $0.hasPrefix(start) }) else {
      throw LabError.missingFile(folder + "/boot", hint: "make kernel")
    }
    return Self(release: String(image.dropFirst(start.count)), folder: folder)
  }

  /// The files to load for modules by name, each with its plain content.
  func files(
    forModules names: [String]
  ) throws -> [(name: String, content: [UInt8])] {
    let index = ModuleIndex(
      dependencies: try text(of: modules + "/modules.dep"),
      builtin: try text(of: modules + "/modules.builtin"),
      soft: try text(of: modules + "/modules.softdep"),
      aliases: try text(of: modules + "/modules.alias")
    )
    return try index.loadOrder(of: names).map { path in
      let file = "\(modules)/\(path)"
      let name = ModuleIndex.name(of: path) + ".ko"
      let plain = "\(folder)/plain-\(name)"
      if path.hasSuffix(".ko") { return (name, try contents(of: file)) }
      if !FileManager.default.fileExists(atPath: plain) {
        let tool = path.hasSuffix(".zst") ? "zstd" : "xz"
        let packed = plain + (tool == "xz" ? ".xz" : ".zst")
        try write(try contents(of: file), to: packed)
        try Command.run([tool, "-d", "-f", "-q", packed])
      }
      return (name, try contents(of: plain))
    }
  }

  private static func release(of kernel: String) throws -> String {
    guard let known = KernelName.named(kernel) else {
      guard kernel.contains("-"), !kernel.hasPrefix("-") else {
        let choice = KernelName.all.map(\.name).joined(separator: ", ")
        throw LabError.unknownKernel(
          kernel,
          reason: "known are \(choice) and whole releases, such as "
            + "6.12.117+deb12-cloud-amd64"
        )
      }
      return kernel
    }
    let depends = try Command.run(["apt-cache", "depends", known.package])
    guard let release = known.release(in: depends) else {
      throw LabError.unknownKernel(
        kernel,
        reason: "apt knows no package of it (apt-get update?)"
      )
    }
    return release
  }
}
