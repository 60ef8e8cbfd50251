// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Initramfs images out of busybox and lab/guest.
struct GuestArchive {
  private(set) var archive = NewcArchive()
  private let work: Workspace

  /// busybox, the shared functions, and `script` of lab/guest as /init.
  init(script: String, _ work: Workspace) throws {
    self.work = work
    guard let busybox = Command.path(of: "busybox") else {
      throw LabError.missingProgram("busybox")
    }
    archive.add(characterDevice: "dev/console", major: 5, minor: 1)
    archive.add(
      file: "bin/busybox",
      executable: true,
      content: try contents(of: busybox)
    )
    for applet in try Command.run([busybox, "--list"]).split(separator: "\n")
    where applet != "busybox" {
      archive.add(link: "bin/\(applet)", to: "busybox")
    }
    archive.add(
      file: "functions.sh",
      content: try contents(of: work.guest + "/functions.sh")
    )
    // What the packages save beside a dump is put together by this.
    archive.add(
      file: "record.sh",
      content: try contents(of: work.root + "/packaging/capture/record.sh")
    )
    archive.add(
      file: "init",
      executable: true,
      content: try contents(of: "\(work.guest)/\(script)")
    )
  }

  /// Adds a file.
  mutating func add(file path: String, content: [UInt8]) {
    archive.add(file: path, content: content)
  }

  /// Adds a file that can be executed.
  mutating func add(program path: String, content: [UInt8]) {
    archive.add(file: path, executable: true, content: content)
  }

  /// Adds compiled programs of lab/guest.
  mutating func add(programs: [String]) throws {
    for name in programs {
      archive.add(
        file: "bin/\(name)",
        executable: true,
        content: try contents(of: try Self.compile(name, work))
      )
    }
  }

  /// Adds what makes every kind of page.
  mutating func addWorkload() throws {
    try add(
      programs: ["holdpages", "holdpipes", "holdrequests", "pageflags"]
    )
    let script = "workload.sh"
    archive.add(
      file: script,
      content: try contents(of: "\(work.guest)/\(script)")
    )
  }

  /// Adds modules and what they require, named in load order.
  mutating func add(modules: [String], of kernel: KernelPackage) throws {
    let files = try kernel.files(forModules: modules)
    for (index, file) in files.enumerated() {
      let number = String(index + 10)
      archive.add(file: "modules/\(number)-\(file.name)", content: file.content)
    }
  }

  /// Adds kernel modules of kernel/, as /own/NAME.ko.
  mutating func add(
    ownModules names: [String],
    for kernel: KernelPackage
  ) throws {
    for name in names {
      archive.add(
        file: "own/\(name).ko",
        content: try contents(of: try work.ownModule(name, for: kernel))
      )
    }
  }

  /// The path of a program of lab/guest, compiled when its source is newer.
  static func compile(_ name: String, _ work: Workspace) throws -> String {
    let source = "\(work.guest)/\(name).c"
    let program = "\(work.programs)/\(name)"
    guard let written = Workspace.modified(source) else {
      throw LabError.missingFile(source, hint: "a scenario names it")
    }
    let shared = try FileManager.default.contentsOfDirectory(
      atPath: work.guest
    )
    let headers = shared.filter { $0.hasSuffix(".h") }.map {
      "\(work.guest)/\($0)"
    }
    // The ioctls of /dev/oldmem, which a header of theirs includes.
    let known = (headers + [work.root + "/kernel/module/oldmem.h"])
      .compactMap(Workspace.modified)
    if let made = Workspace.modified(program), made > written,
      known.allSatisfy({ made > $0 })
    {
      return program
    }
    try Command.run([
      "musl-gcc", "-O2", "-static", "-s", "-pthread", "-Wall", "-Wextra",
      // The kernel's headers; musl has its own of everything else.
      "-Werror", "-idirafter", "/usr/include", "-idirafter",
      "/usr/include/x86_64-linux-gnu", "-o", program, source,
    ])
    return program
  }
}
