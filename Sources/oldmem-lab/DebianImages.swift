// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// The disks of a real Debian, as they are after its first boot: by then
/// kdump-tools has made its initramfs.
///
/// With oldmem it has booted once more, and dpkg has installed the package.
struct DebianImages {
  let work: Workspace
  let kernel: KernelPackage
  let accelerator: String
  /// The program that packs two-stage images; the package is made beside it.
  let packer: String

  private var images: Images { Images(work: work, kernel: kernel) }
  private var start: String { work.images + "/guest-\(kernel.release)" }

  /// The files of a disk, by what they are.
  struct Files {
    /// What all their names begin with.
    let name: String
    /// The disk that Debian boots from.
    var disk: String { name + ".ext4" }
    /// The disk for /var/crash, where that is another one.
    var crash: String { name + ".crash" }
    /// What kdump-tools loads after a panic.
    var initrd: String { name + ".initrd" }
    /// The command that it loaded it with.
    var command: String { name + ".kexec" }
    /// The digest of the package that is installed there.
    var package: String { name + ".package" }
  }

  /// The folder of the Debian that the servers are of.
  var servers: String { work.images + "/debian-servers" }

  /// The key that a server lets in.
  func key(_ guest: DebianGuest) -> String { base(guest) + ".key.pub" }
  /// What Debian itself boots with.
  func firstInitrd(_ guest: DebianGuest) -> String { base(guest) + ".initrd" }

  /// The disk of a guest, made where it is not there.
  func files(_ guest: DebianGuest, oldmem: Bool) throws -> Files {
    let stock = Files(name: "\(start).\(guest.setUp)")
    let base = try built(base: guest)
    if !isNewer(stock.disk, than: [base]) {
      try boot(
        guest,
        as: stock,
        from: base,
        nil,
        step: guest.setUp
      )
    }
    guard oldmem else { return stock }
    let package = try package()
    let digest = try digest(package)
    let installed = Files(name: stock.name + guest.installation.suffix)
    guard isNewer(installed.disk, than: [stock.disk]),
      (try? text(of: installed.package)) == digest
    else {
      try boot(
        guest,
        as: installed,
        from: stock.disk,
        guest.target.hasOwnDisk ? stock.crash : nil,
        step: guest.installation.step,
        package: package
      )
      try write(Array(digest.utf8), to: installed.package)
      return installed
    }
    return installed
  }

  /// What a stack's initramfs is, as the guest has it.
  func initrd(_ guest: DebianGuest, _ use: OldmemUse?) throws -> String {
    guard guest.stack == .dracut else {
      return try files(guest, oldmem: use != nil).initrd
    }
    let plain = try images.dumpingDracut()
    guard let use else { return plain }
    return try Packing(packer: packer, kernel: kernel, work: work)
      .plainlyPacked(plain, use)
  }

  /// The command line that kdump-tools gave kexec(8), but for what it was told
  /// by the lab.
  func captureWords(_ guest: DebianGuest, oldmem: Bool) throws -> [String] {
    let path = try files(guest, oldmem: oldmem).command
    guard let words = Lab.captureWords(ofKexecCommand: try text(of: path))
    else {
      throw LabError.missingFile(path, hint: "it has no kexec command")
    }
    return words.filter { !$0.hasPrefix("lab.") }
  }

  private func base(_ guest: DebianGuest) -> String {
    start + (guest.target.hasOwnDisk ? ".storage" : ".base")
  }

  /// The disk before its first boot.
  private func built(base guest: DebianGuest) throws -> String {
    let kind = guest.target.hasOwnDisk ? "storage" : "guest"
    let name = String(base(guest).dropFirst(work.images.count + 1))
    return try images.built(
      name,
      from: [
        "guest-disk", "debian-crash.sh", "debian-dump.sh", "functions.sh",
        "hog.c",
      ]
    ) { path in
      _ = try GuestArchive.compile("hog", work)
      try images.recipe(
        "guest-disk",
        [
          work.images + "/debian-\(kind)", kind, kernel.folder, kernel.release,
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

  /// The package of this checkout, made where it is older than the programs.
  private func package() throws -> String {
    let folder = work.root + "/build"
    let programs = [packer, folder + "/bin/oldmemd"].compactMap(
      Workspace.modified
    )
    func made() -> String? {
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
      return names?.sorted().last {
        $0.hasPrefix("oldmem_") && $0.hasSuffix("_amd64.deb")
      }.map { "\(folder)/\($0)" }
    }
    if let path = made(), let time = Workspace.modified(path),
      programs.allSatisfy({ $0 < time }),
      try Command.run(["find", work.root + "/packaging", "-newer", path])
        .isEmpty
    {
      return path
    }
    try Command.run(
      ["make", "-C", work.root, "deb"],
      seconds: 3600,
      saying: "building the package (minutes)"
    )
    guard let path = made() else {
      throw LabError.missingFile(folder + "/oldmem_*.deb", hint: "make deb")
    }
    return path
  }

  /// What tells one package from another, but for what is there to be read.
  private func digest(_ package: String) throws -> String {
    let script = """
      set -o pipefail
      { dpkg-deb --fsys-tarfile "$0" | tar -xO --exclude=./usr/share
        dpkg-deb --ctrl-tarfile "$0" |
          tar -xO --exclude=./md5sums --exclude=./control
      } | sha256sum
      """
    let said = try Command.run(["bash", "-ec", script, package])
    return String(said.prefix { $0 != " " })
  }

  /// Boots a copy of a disk with `lab.setup=STEP`, and keeps what kdump-tools
  /// has made and loaded there.
  private func boot(
    _ guest: DebianGuest,
    as files: Files,
    from disk: String,
    _ crash: String?,
    step: String,
    package: String? = nil
  ) throws {
    let folder = files.name + ".setup"
    try? FileManager.default.removeItem(atPath: folder)
    try Workspace.make(folder: folder)
    let new = Files(name: folder + "/new")
    try Command.run(["cp", "--sparse=always", disk, new.disk], seconds: 600)
    if let crash {
      try Command.run(
        ["cp", "--sparse=always", crash, new.crash],
        seconds: 600
      )
    } else if guest.target.hasOwnDisk {
      try Command.run(["truncate", "-s", "2G", new.crash])
    }
    if let package {
      let command = "write \(package) /oldmem.deb"
      try Command.run(["debugfs", "-w", "-R", command, new.disk])
    }
    try boot(guest, new, step, folder, console: files.name + ".console")
    let release = kernel.release
    try dump("/var/lib/kdump/initrd.img-\(release)", of: new, to: files.initrd)
    // A volume of its own has not been there yet.
    try dump("/var/crash/kexec_cmd", of: new, to: files.command)
    if guest.target.hasOwnDisk {
      try Command.run(["mv", new.crash, files.crash])
    }
    try Command.run(["mv", new.disk, files.disk])
    try FileManager.default.removeItem(atPath: folder)
  }

  private func boot(
    _ guest: DebianGuest,
    _ files: Files,
    _ step: String,
    _ folder: String,
    console: String
  ) throws {
    var arguments = MachineArguments()
    arguments.accelerator = accelerator
    arguments.kernel = kernel.image
    arguments.initrd = firstInitrd(guest)
    arguments.commandLine =
      "console=ttyS0 panic=1 \(Self.rootWords) crashkernel=256M "
      + "lab.setup=\(step)"
    arguments.drives = Self.drives(guest, files, temporary: false)
    arguments.pipes = folder
    arguments.hasSerialPort = true
    arguments.hasNetworkCard = true
    var ticker = Ticker("a Debian guest, once (minutes): \(step)")
    let machine = try Machine(
      folder: folder,
      console: console,
      limit: 3600
    ) { _ in ticker.tick() }
    let seen = try machine.run(arguments)
    ticker.finish()
    guard seen.verdict?.passed == true, !seen.timedOut else {
      throw LabError.missingFile(
        files.disk,
        hint: "the guest's step \(step) failed: \(console)"
      )
    }
  }

  /// The disks, in the order in which the guest finds them.
  static func drives(
    _ guest: DebianGuest,
    _ files: Files,
    temporary: Bool
  ) -> [MachineArguments.Drive] {
    let root = MachineArguments.Drive(
      name: "debian",
      path: files.disk,
      temporary: temporary
    )
    guard guest.target.hasOwnDisk else { return [root] }
    return [
      root,
      .init(
        name: "crash",
        path: files.crash,
        temporary: temporary,
        bus: guest.target == .multipath ? .twoPaths : .virtio
      ),
    ]
  }

  /// What a machine of these finds on both command lines.
  static let rootWords =
    "root=/dev/vda rw net.ifnames=0 no_timer_check sysrq_always_enabled"

  private func dump(
    _ path: String,
    of disk: Files,
    to file: String
  ) throws {
    try? FileManager.default.removeItem(atPath: file)
    try Command.run(["debugfs", "-R", "dump \(path) \(file)", disk.disk])
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
