// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// The disks of a trial's machine, and what is found on them afterwards.
extension TrialRunner {
  /// A disk of the machine's, made anew or borrowed.
  func drive(
    _ disk: Disk,
    trial: Trial,
    _ folder: String
  ) throws -> MachineArguments.Drive {
    let path = "\(folder)/\(disk.name).disk"
    // Only what is to be under way is on virtio, when something is.
    let isVirtio = trial.inFlight == nil || disk.bytesPerSecond != nil
    let bus: MachineArguments.Drive.Bus = isVirtio ? .virtio : .nvme
    let images = try self.images(trial)
    switch disk {
    case .data:
      return .init(
        name: disk.name,
        path: try images.data(),
        temporary: true,
        bus: bus
      )
    case .folios:
      return .init(name: disk.name, path: try images.folios(), temporary: true)
    case .root:
      try Command.run(["cp", "--sparse=always", try images.root(), path])
    case .systemd:
      try Command.run(["cp", "--sparse=always", try images.systemd(), path])
    case .vmcore:
      // Headers and notes are far below 64 MiB.
      let size = trial.memory.mebibytes + 64
      try Command.run(["truncate", "-s", "\(size)M", path])
    case .throttled(_, let size, _) where trial.inFlight != nil:
      let blocks = UInt64(size.bytes / Stamp.blockSize)
      try write((0..<blocks).flatMap(Stamp.onDisk.bytes), to: path)
    case .rescue:
      try RescueJudge(oldmem: packer, work: work, folder: folder).prepare()
    case .raw(_, let size), .throttled(_, let size, _):
      try Command.run(["truncate", "-s", "\(size.mebibytes)M", path])
    }
    return .init(
      name: disk.name,
      path: path,
      temporary: false,
      bytesPerSecond: trial.powerCut != nil && disk == .rescue
        ? RescueJudge.slow : disk.bytesPerSecond,
      bus: bus
    )
  }

  /// Whether the root disk has a dump that makedumpfile reads to its end.
  func hasDump(_ folder: String) -> Bool {
    let disk = "\(folder)/crash.disk"
    let dump = "\(folder)/dump"
    do {
      try Command.run(["debugfs", "-R", "dump /var/crash/dump \(dump)", disk])
      try Command.run(["makedumpfile", "-l", "-d", "31", dump, dump + ".again"])
      return true
    } catch {
      return false
    }
  }
}
