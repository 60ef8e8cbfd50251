// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Runs one trial: images, disks, machine, judgement.
struct TrialRunner {
  let work: Workspace
  let kernel: KernelPackage
  let accelerator: String
  /// The program that packs the two-stage image.
  let packer: String
  /// Where the console log goes.
  let results: String
  /// Whether images, disks and snapshots are left for a look.
  let keep: Bool

  /// What runs after the trial's crash.
  private func captureKernel(_ trial: Trial) throws -> KernelPackage {
    switch trial.captureKernel {
    case .same: kernel
    case .built(let name): try KernelPackage.build(name, work)
    }
  }

  func images(_ trial: Trial) throws -> Images {
    Images(work: work, kernel: try captureKernel(trial))
  }

  /// Crashes the machine and says what was seen; `watch` hears of each line
  /// of the console meanwhile.
  func run(
    _ trial: Trial,
    name: String,
    watch: @escaping (MachineEvent) -> Void
  ) throws -> TrialResult {
    let folder = "\(results)/\(name).files"
    try? FileManager.default.removeItem(atPath: folder)
    try Workspace.make(folder: folder)
    defer {
      if !keep { try? FileManager.default.removeItem(atPath: folder) }
    }
    var arguments = MachineArguments()
    arguments.accelerator = accelerator
    arguments.memory = trial.memory
    arguments.nodes = trial.nodes
    arguments.processors = trial.processors
    arguments.cpu = trial.cpu
    arguments.hasBalloon = trial.hasBalloon
    arguments.pluggedMemory = trial.pluggedMemory
    arguments.kernel = kernel.image
    arguments.pipes = folder
    arguments.commandLine = "console=ttyS0 panic=1 no_timer_check"
    if !trial.firstAppend.isEmpty {
      arguments.commandLine += " " + trial.firstAppend
    }
    arguments.hasSerialPort = trial.inFlight != nil
    let debian = debian(trial, folder)
    try debian?.prepare(&arguments)
    if trial.crashes {
      arguments.commandLine += " crashkernel=\(trial.crashkernel)"
    }
    if debian?.guest.bootsWhole != true {
      arguments.initrd =
        try trial.crashes
        ? firstInitrd(trial, debian, folder) : captureInitrd(trial, folder)
    }
    arguments.hasIOMMU = trial.hasIOMMU
    if trial.hasIOMMU { arguments.commandLine += Self.iommuWords }
    if trial.damagedKey != nil { arguments.memoryFile = folder + "/memory" }
    arguments.drives += try trial.disks.map {
      try drive($0, trial: trial, folder)
    }
    if trial.network { arguments.network = folder }

    let receiver =
      try trial.sendsSealed
      ? ReceivingEnd(oldmem: packer, folder: folder) : nil
    if let receiver { arguments.services.append(receiver.service) }

    let machine = try Machine(
      folder: folder,
      console: "\(results)/\(name).console",
      limit: trial.limit,
      watch: watch
    )
    machine.savesMemory = trial.savesMemory
    machine.powerCut = trial.powerCut
    var observation = try machine.run(arguments)
    let comparison = FrameComparison(work: work, folder: folder)
    if trial.disks.contains(where: { $0.name == "before" }) {
      try comparison.judge(
        &observation,
        list: "\(results)/\(name).differences"
      )
    }
    try DumpComparison(folder: folder).judge(&observation)
    if trial.disks.contains(.rescue) {
      try RescueJudge(oldmem: packer, work: work, folder: folder)
        .judge(&observation)
    }
    if let receiver {
      try RescueJudge(oldmem: packer, work: work, folder: folder)
        .judge(receiver, &observation)
    }
    if trial.dumpsToConsole {
      try RescueJudge(oldmem: packer, work: work, folder: folder)
        .judgeConsole("\(results)/\(name).console", &observation)
    }
    try debian?.judge(
      &observation,
      list: "\(results)/\(name).differences"
    )
    if trial.inFlight != nil {
      let comparison = TransferComparison(
        work: work,
        folder: folder,
        scanner: packer
      )
      try comparison.judge(
        &observation,
        list: "\(results)/\(name).differences"
      )
    }
    if trial.disks.contains(.root) {
      observation.dumpIsComplete = hasDump(folder)
    }
    if trial.disks.contains(.vmcore) {
      try keepVMCore(of: trial, observation, folder)
    }
    observation.derive()
    return TrialResult(
      trial: trial,
      name: name,
      kernel: kernel.release,
      observation: observation
    )
  }

  /// Both kernels translate for every device; the second one takes over what
  /// the first one has set up.
  private static let iommuWords = " intel_iommu=on iommu=nopt"

  /// What boots first: it carries what runs after the crash.
  private func firstInitrd(
    _ trial: Trial,
    _ debian: DebianTrial?,
    _ folder: String
  ) throws -> String {
    // The check compares two clocks, of which an emulator on a busy machine
    // delays one.
    var words = "console=ttyS0 irqpoll nr_cpus=1 reset_devices panic=5"
    words += " no_timer_check sysrq_always_enabled"
    let capture: String
    if let debian {
      let loaded = try debian.capture()
      capture = loaded.initrd
      words = loaded.words.joined(separator: " ")
    } else {
      capture = try captureInitrd(trial, folder)
    }
    switch trial.capture {
    case .lab, .logOnly, .debian: break
    case .kdump, .dracut: words += " root=/dev/vda rw usbcore.nousb"
    }
    if trial.hasIOMMU { words += Self.iommuWords }
    if let inFlight = trial.inFlight { words += " " + inFlight.words }
    if debian == nil, let use = trial.oldmem {
      words += " " + Packing.commandLine(use)
    }
    if !trial.append.isEmpty { words += " " + trial.append }
    precondition(!words.contains("'"), "a scenario breaks the shell's quotes")

    var first = try GuestArchive(script: "first.sh", work)
    try first.add(programs: ["hog", "kexecload"])
    var modules = ["virtio_pci", "virtio_console", "virtio_blk", "ext4"]
    if trial.hasWorkload {
      modules += ["virtio_balloon", "xfs"]
      try first.addWorkload()
    }
    if trial.pluggedMemory != nil { modules.append("virtio_mem") }
    if trial.inFlight != nil { try first.add(programs: ["inflight"]) }
    try first.add(modules: modules, of: kernel)
    let holding = trial.oldmem?.holding
    if holding != nil { try addHolder(of: capture, to: &first) }
    let settings = """
      capture='\(words)'
      anonymous=\(trial.fillsMemory ? "all" : "\(trial.anonymous)")
      damaged='\(trial.damagedKey ?? "")'
      workload='\(trial.hasWorkload ? "yes" : "")'
      plugged=\(trial.pluggedMemory?.mebibytes ?? 0)
      inflight='\(trial.inFlight?.kind.rawValue ?? "")'
      spare=\(trial.inFlight?.spare ?? 0)
      hold='\(holding.map { $0.isPinned ? "pinned" : "movable" } ?? "")'
      moves='\(holding?.moves == true ? "yes" : "")'
      forger='\(holding?.forger.rawValue ?? "")'

      """
    first.add(file: "lab.conf", content: Array(settings.utf8))
    let after = try captureKernel(trial)
    first.add(file: "vmlinuz", content: try contents(of: after.image))
    first.add(file: "capture.initrd", content: try contents(of: capture))
    let path = folder + "/first.initrd"
    try write(first.archive.bytes, to: path)
    return path
  }

  /// Adds what holds the stage two of an image that goes without.
  private func addHolder(
    of image: String,
    to first: inout GuestArchive
  ) throws {
    let daemon = URL(fileURLWithPath: packer).deletingLastPathComponent()
      .appendingPathComponent("oldmemd").path
    first.add(program: "bin/oldmemd", content: try contents(of: daemon))
    try first.add(programs: ["alterpage", "forgepages", "movepages"])
    first.add(
      file: "hold.sh",
      content: try contents(of: "\(work.guest)/hold.sh")
    )
    first.add(
      file: "stage2",
      content: try contents(of: Packing.stageTwo(of: image))
    )
  }

  private func captureInitrd(
    _ trial: Trial,
    _ folder: String
  ) throws -> String {
    let plain: String
    let kernel = try captureKernel(trial)
    let images = try self.images(trial)
    switch trial.capture {
    case .lab(let script, let programs, let modules):
      var archive = try GuestArchive(script: script, work)
      try archive.add(programs: programs)
      try archive.add(modules: modules, of: kernel)
      try archive.add(ownModules: trial.ownModules, for: kernel)
      try archive.add(tools: trial.tools, in: "/tools")
      try archive.add(tools: trial.installs, in: nil)
      if trial.sendsSealed {
        archive.add(file: "key", content: Array(Trial.sealingKey.utf8))
      }
      for (path, text) in trial.files.sorted(by: { $0.key < $1.key }) {
        archive.add(program: path, content: Array(text.utf8))
      }
      plain = folder + "/capture.initrd"
      try write(archive.archive.bytes, to: plain)
    case .kdump: plain = try images.kdump()
    case .dracut: plain = try images.dracut()
    case .logOnly(let modules):
      let packed = folder + "/packed.initrd"
      let packing = Packing(packer: packer, kernel: kernel, work: work)
      try packing.packLogOnly(modules, to: packed)
      return packed
    case .debian: preconditionFailure("a Debian has its own")
    }
    guard let use = trial.oldmem else { return plain }
    let packing = Packing(packer: packer, kernel: kernel, work: work)
    let packed = folder + "/packed.initrd"
    try packing.pack(plain, use: use, to: packed)
    return packed
  }

  private func keepVMCore(
    of trial: Trial,
    _ observation: Observation,
    _ folder: String
  ) throws {
    guard observation.verdict?.passed == true,
      let size = observation.facts["vmcore-bytes"].flatMap(Int.init)
    else { return }
    let disk = "\(folder)/vmcore.disk"
    let name = trial.vmcoreName(release: kernel.release)
    let path = "\(work.vmcores)/\(name)"
    try Command.run(["truncate", "-s", "\(size)", disk])
    try Command.run(["mv", disk, path])
    try write(Array(observation.factSheet.utf8), to: path + ".facts")
    Terminal.note("saved \(path)")
  }
}
