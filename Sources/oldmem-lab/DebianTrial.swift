// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// One crash of a real Debian: its disk, its network, the server that it sends
/// the dump to, and what arrived there.
final class DebianTrial {
  let guest: DebianGuest
  let images: DebianImages
  private let use: OldmemUse?
  /// The trial's folder; `crash` in it is /var/crash of whoever gets the dump.
  private let folder: String
  private var server: Process?

  init(
    _ guest: DebianGuest,
    use: OldmemUse?,
    images: DebianImages,
    folder: String
  ) {
    self.guest = guest
    self.use = use
    self.images = images
    self.folder = folder
  }

  deinit {
    guard let server else { return }
    // unshare(1) ends by nothing less, and takes the server with it.
    kill(server.processIdentifier, SIGKILL)
    server.waitUntilExit()
  }

  /// What the machine has, and boots with unless the lab's own first kernel
  /// does.
  func prepare(_ arguments: inout MachineArguments) throws {
    let disk = try images.disk()
    arguments.hasSerialPort = true
    arguments.hasNetworkCard = true
    arguments.services = try services()
    guard guest.target == .disk else {
      arguments.drives = [.init(name: "debian", path: disk, temporary: true)]
      return try boot(&arguments)
    }
    let own = folder + "/debian.disk"
    try Command.run(["cp", "--sparse=always", disk, own], seconds: 600)
    arguments.drives = [.init(name: "debian", path: own, temporary: false)]
    try boot(&arguments)
  }

  private func boot(_ arguments: inout MachineArguments) throws {
    guard guest.bootsWhole else { return }
    arguments.initrd = images.firstInitrd
    let initrd = guest.initrd(
      release: images.kernel.release,
      oldmem: use != nil
    )
    let words =
      [DebianImages.rootWords, "lab.initrd=\(initrd)"] + guest.targetWords
      + (oldmemWords.isEmpty
        ? [] : ["lab.append=" + oldmemWords.joined(separator: ":")])
    arguments.commandLine += " " + words.joined(separator: " ")
  }

  /// What the lab's first kernel loads, and its command line.
  func capture() throws -> (initrd: String, words: [String]) {
    let words = try images.captureWords().filter {
      // dracut's initramfs goes on to no unit of the root's.
      guest.stack != .dracut || !$0.hasPrefix("systemd.unit=")
    }
    return (
      try images.initrd(guest.stack, oldmem: use != nil),
      words + guest.targetWords + oldmemWords
    )
  }

  /// What the capture kernel's command line gains, none without oldmem.
  private var oldmemWords: [String] {
    guard let use else { return [] }
    return guest.thriftyWords
      + Packing.commandLine(use).split(separator: " ").map(String.init)
  }

  private var crash: String { folder + "/crash" }

  private func services() throws -> [(port: Int, command: [String])] {
    let programs = images.work.root + "/lab/servers"
    if guest.target != .disk { try Workspace.make(folder: crash) }
    switch guest.target {
    case .disk: return []
    case .ssh:
      return [
        (22, ["\(programs)/ssh", images.servers, images.key, crash])
      ]
    case .nfs:
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
      process.arguments = [
        "--pdeathsig", "KILL", "\(programs)/nfs", images.servers, crash,
      ]
      process.standardInput = FileHandle.nullDevice
      try process.run()
      server = process
      try awaitExport(log: crash + ".log")
      let inside = ["nsenter", "--net", "-t", "\(process.processIdentifier)"]
      return [(2049, inside + ["busybox", "nc", "127.0.0.1", "2049"])]
    }
  }

  /// Waits until nfs-ganesha serves, which it does also when it has nothing to.
  private func awaitExport(log: String) throws {
    let hint = "nfs-ganesha does not serve"
    for _ in 0..<600 {
      usleep(100_000)
      guard let words = try? text(of: log) else { continue }
      if words.contains("No export entries") { break }
      if words.contains("NFS SERVER INITIALIZED") { return }
    }
    throw LabError.missingFile(log + " (an export)", hint: hint)
  }

  /// Looks for the dump, and has makedumpfile read all of it.
  func judge(_ observation: inout Observation) throws {
    if guest.target == .disk {
      let disk = folder + "/debian.disk"
      // Its journal has to be replayed; status 1 says that it was.
      try Command.run(["sh", "-c", "e2fsck -fy \"$0\" || [ $? -le 1 ]", disk])
      try Command.run(["debugfs", "-R", "rdump /var/crash \(folder)", disk])
    }
    // Only a dump that was finished loses its name dump-incomplete.
    guard let dump = file(startingWith: "dump.") else {
      observation.facts["copied"] = file(startingWith: "vmcore.")
      return
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: dump)
    observation.facts["dump-bytes"] = attributes[.size].map { "\($0)" }
    let whole = folder + "/dump"
    do {
      try Command.run(
        ["sh", "-c", "makedumpfile -R \"$0\" < \"$1\"", whole, dump],
        seconds: 600
      )
      try Command.run(
        ["makedumpfile", "-l", "-d", "31", whole, whole + ".again"],
        seconds: 600
      )
      // The crashed kernel's own last words are in it.
      let log = folder + "/dmesg"
      try Command.run(["makedumpfile", "--dump-dmesg", whole, log])
      observation.dumpIsComplete = try text(of: log).contains(
        Stage.panicOfTheFirst
      )
    } catch let error as LabError {
      observation.facts["dump-unreadable"] = "\(error)"
    }
  }

  private func file(startingWith start: String) -> String? {
    let all = FileManager.default.enumerator(atPath: crash)
    while let path = all?.nextObject() as? String {
      let name = path.split(separator: "/").last ?? ""
      if name.hasPrefix(start) { return "\(crash)/\(path)" }
    }
    return nil
  }
}

extension TrialRunner {
  /// A real Debian, where the trial is about one.
  func debian(_ trial: Trial, _ folder: String) -> DebianTrial? {
    guard case .debian(let guest) = trial.capture else { return nil }
    let images = DebianImages(
      work: work,
      kernel: kernel,
      accelerator: accelerator,
      packer: packer
    )
    return DebianTrial(
      guest,
      use: trial.oldmem,
      images: images,
      folder: folder
    )
  }
}
