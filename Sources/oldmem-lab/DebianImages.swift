// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// The disk of a real Debian, as it is after its first boot.
///
/// kdump-tools has made its initramfs by then; what oldmem makes of each
/// initramfs lies beside it.
struct DebianImages {
  let work: Workspace
  let kernel: KernelPackage
  let accelerator: String
  /// The program that packs two-stage images.
  let packer: String

  private var images: Images { Images(work: work, kernel: kernel) }
  private var name: String { work.images + "/guest-\(kernel.release)" }

  /// The folder of the Debian that the servers are of.
  var servers: String { work.images + "/debian-servers" }
  /// The key that a server lets in.
  var key: String { name + ".base.key.pub" }
  /// What Debian itself boots with.
  var firstInitrd: String { name + ".base.initrd" }

  /// The disk, with all that is loaded after a panic.
  func disk() throws -> String {
    let base = try base()
    let disk = name + ".ext4"
    if !isNewer(disk, than: [base]) { try setUp(disk, from: base) }
    try installPacked(on: disk)
    return disk
  }

  /// A stack's initramfs, as the guest has it.
  func initrd(_ stack: DebianGuest.Stack, oldmem: Bool) throws -> String {
    let plain: String
    if stack == .dracut {
      plain = try images.dumpingDracut()
    } else {
      _ = try disk()
      plain = self.plain(stack)
    }
    return oldmem ? try packed(plain) : plain
  }

  /// The command line that kdump-tools gave kexec(8) in the first boot, but
  /// for what it was told by the lab.
  func captureWords() throws -> [String] {
    let path = name + ".kexec"
    guard let words = Lab.captureWords(ofKexecCommand: try text(of: path))
    else {
      throw LabError.missingFile(path, hint: "it has no kexec command")
    }
    return words.filter { !$0.hasPrefix("lab.") }
  }

  private func base() throws -> String {
    try images.built(
      "guest-\(kernel.release).base",
      from: [
        "guest-disk", "debian-crash.sh", "debian-dump.sh", "functions.sh",
        "hog.c",
      ]
    ) { path in
      _ = try GuestArchive.compile("hog", work)
      try images.recipe(
        "guest-disk",
        [
          work.images + "/debian-guest", kernel.folder, kernel.release,
          work.guest, work.programs, path,
        ],
        "building a Debian guest, once (minutes)"
      )
      try images.recipe(
        "debian-system",
        [servers, "servers"],
        "building a Debian with servers, once (minutes)"
      )
    }
  }

  /// The first boot, in which kdump-tools makes its initramfs.
  private func setUp(_ disk: String, from base: String) throws {
    let folder = name + ".setup"
    try Workspace.make(folder: folder)
    let new = folder + "/disk"
    try Command.run(["cp", "--sparse=always", base, new], seconds: 600)
    var arguments = MachineArguments()
    arguments.accelerator = accelerator
    arguments.kernel = kernel.image
    arguments.initrd = firstInitrd
    arguments.commandLine =
      "console=ttyS0 panic=1 \(Self.rootWords) crashkernel=256M lab.setup"
    arguments.drives = [.init(name: "debian", path: new, temporary: false)]
    arguments.pipes = folder
    arguments.hasSerialPort = true
    arguments.hasNetworkCard = true
    var ticker = Ticker("a Debian guest's first boot, once (minutes)")
    let machine = try Machine(
      folder: folder,
      console: name + ".console",
      limit: 3600
    ) { _ in ticker.tick() }
    let seen = try machine.run(arguments)
    ticker.finish()
    guard seen.verdict?.passed == true, !seen.timedOut else {
      throw LabError.missingFile(
        disk,
        hint: "the guest's first boot failed: \(name).console"
      )
    }
    try dump("/var/crash/kexec_cmd", of: new, to: name + ".kexec")
    for stack in Self.stacks {
      let guest = DebianGuest(stack: stack, target: .disk)
      let path = guest.initrd(release: kernel.release, oldmem: false)
      try dump(path, of: new, to: plain(stack))
    }
    try Command.run(["mv", new, disk])
    try FileManager.default.removeItem(atPath: folder)
  }

  /// What a machine of these finds on both command lines.
  static let rootWords =
    "root=/dev/vda rw net.ifnames=0 no_timer_check sysrq_always_enabled"

  private static let stacks: [DebianGuest.Stack] = [
    .kdumpToolsDep, .kdumpToolsMost,
  ]

  private func plain(_ stack: DebianGuest.Stack) -> String {
    "\(name).\(stack.rawValue).initrd"
  }

  private func packed(_ plain: String) throws -> String {
    try Packing(packer: packer, kernel: kernel, work: work)
      .plainlyPacked(plain, OldmemUse())
  }

  /// Puts there what `oldmem pack` makes, where the README says.
  private func installPacked(on disk: String) throws {
    let files = try Self.stacks.map { stack in
      let guest = DebianGuest(stack: stack, target: .disk)
      return (
        try packed(plain(stack)),
        guest.initrd(release: kernel.release, oldmem: true)
      )
    }
    // Written last: the disk itself is newer from the first change on.
    let stamp = name + ".written"
    guard !isNewer(stamp, than: files.map(\.0) + [disk]) else { return }
    for (source, path) in files {
      // What is not there cannot be removed, which is no error here.
      try Command.run(["debugfs", "-w", "-R", "rm \(path)", disk])
      try Command.run([
        "debugfs", "-w", "-R", "write \(source) \(path)", disk,
      ])
      try dump(path, of: disk, to: name + ".check")
      try Command.run(["cmp", source, name + ".check"])
    }
    try write([], to: stamp)
  }

  private func dump(_ path: String, of disk: String, to file: String) throws {
    try? FileManager.default.removeItem(atPath: file)
    try Command.run(["debugfs", "-R", "dump \(path) \(file)", disk])
    guard Workspace.modified(file) != nil else {
      throw LabError.missingFile(path, hint: "the guest's disk lacks it")
    }
  }

  private func isNewer(_ path: String, than sources: [String]) -> Bool {
    guard let made = Workspace.modified(path) else { return false }
    return sources.allSatisfy {
      Workspace.modified($0).map { $0 < made } ?? false
    }
  }
}
