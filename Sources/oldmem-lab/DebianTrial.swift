// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// One crash of a real Debian: its disk, its network, the server that it sends
/// the dump to, and what arrived there.
final class DebianTrial {
  let guest: DebianGuest
  let images: DebianImages
  let use: OldmemUse?
  /// The trial's folder; `crash` in it is /var/crash of whoever gets the dump.
  let folder: String
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
    let made = try images.files(guest, oldmem: use != nil)
    arguments.hasSerialPort = true
    arguments.hasNetworkCard = true
    arguments.services = try services()
    let keeps = arguments.services.isEmpty
    var files = made
    if keeps {
      files = own
      for (old, new) in [(made.disk, own.disk), (made.crash, own.crash)]
      where FileManager.default.fileExists(atPath: old) {
        try Command.run(["cp", "--sparse=always", old, new], seconds: 600)
      }
    }
    arguments.drives = DebianImages.drives(guest, files, temporary: !keeps)
    guard guest.bootsWhole else { return }
    arguments.initrd = images.firstInitrd(guest)
    let words = [DebianImages.rootWords] + guest.words
    arguments.commandLine += " " + words.joined(separator: " ")
  }

  /// What the lab's first kernel loads, and its command line.
  func capture() throws -> (initrd: String, words: [String]) {
    var words = try images.captureWords(guest, oldmem: use != nil)
    if guest.stack == .dracut {
      // dracut's initramfs goes on to no unit of the root's.
      words.removeAll { $0.hasPrefix("systemd.unit=") }
      if let use {
        words += DebianGuest.dracutWords
        words += Packing.commandLine(use).split(separator: " ").map(String.init)
      }
    }
    return (
      try images.initrd(guest, use),
      words + guest.words
    )
  }

  /// The disks of this trial, where dumps stay on them.
  var own: DebianImages.Files { .init(name: folder + "/debian") }
  var crash: String { folder + "/crash" }

  private func services() throws -> [(port: Int, command: [String])] {
    let programs = images.work.root + "/lab/servers"
    if guest.target == .ssh || guest.target == .nfs {
      try Workspace.make(folder: crash)
    }
    switch guest.target {
    case .disk, .lvm, .multipath: return []
    case .ssh:
      return [
        (22, ["\(programs)/ssh", images.servers, images.key(guest), crash])
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
