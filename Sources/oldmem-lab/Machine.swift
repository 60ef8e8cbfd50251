// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// What a machine lets others see while it runs.
enum MachineEvent {
  /// A line on its console.
  case line(String)
  /// Some time has gone by.
  case time
}

/// A QEMU that runs from start to stop, and what is seen of it meanwhile.
///
/// Everything happens on one thread, around one poll(2). QEMU cannot outlive
/// the lab: it dies with its parent, and at the limit.
final class Machine {
  private let process = Process()
  private let serial: Fifo
  private let port: Fifo
  private let monitor: Fifo
  private let log: FileHandle
  private let folder: String
  private let limit: Int
  private let watch: (MachineEvent) -> Void
  private var memory = MemorySize(mebibytes: 0)
  private var observation = Observation()
  private var serialLines = LineSplitter()
  private var portLines = LineSplitter()
  private var monitorLines = LineSplitter()
  private var start = ContinuousClock.now
  private var answers: [[String: Any]] = []
  /// Whether memory is yet to be saved, as soon as the capture kernel says a
  /// word.
  var savesMemory = false
  /// When power is to be cut.
  var powerCut: PowerCut?
  private var cutAt: ContinuousClock.Instant?
  /// What it is saved as.
  static let savedMemory = "crashed"

  /// `folder` gets the pipes and snapshots; `console` the console's log.
  init(
    folder: String,
    console: String,
    limit: Int,
    watch: @escaping (MachineEvent) -> Void
  ) throws {
    self.folder = folder
    self.limit = limit
    self.watch = watch
    serial = try Fifo(path: folder + "/serial")
    port = try Fifo(path: folder + "/port")
    monitor = try Fifo(path: folder + "/monitor")
    try write([], to: console)
    log = try FileHandle(forWritingTo: URL(fileURLWithPath: console))
  }

  deinit {
    stop()
  }

  /// Runs the machine until it stops or its time is over.
  func run(_ arguments: MachineArguments) throws -> Observation {
    memory = arguments.memory
    let name = "qemu-system-x86_64"
    guard let emulator = Command.path(of: name) else {
      throw LabError.missingProgram(name)
    }
    let errors = folder + "/qemu.log"
    try write([], to: errors)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments =
      [
        "--pdeathsig", "TERM", "timeout", "-k", "5", "\(limit + 90)",
        "setpriv", "--pdeathsig", "KILL", emulator,
      ] + arguments.list
    process.standardInput = FileHandle.nullDevice
    let errorLog = try FileHandle(
      forWritingTo: URL(fileURLWithPath: errors)
    )
    process.standardOutput = errorLog
    process.standardError = errorLog
    start = ContinuousClock.now
    let end = start + .seconds(limit)
    try process.run()
    try monitor.send(#"{"execute":"qmp_capabilities"}"#)
    while process.isRunning {
      guard ContinuousClock.now < end else {
        observation.timedOut = true
        try askWhereItHangs()
        break
      }
      Fifo.wait(
        for: [serial, port, monitor],
        milliseconds: cutAt == nil ? 200 : 5
      )
      try pump()
      if let cutAt, ContinuousClock.now >= cutAt { cutPower() }
      if observation.crashedAt != nil,
        let seconds = ProcessorTime.seconds(below: process.processIdentifier)
      {
        observation.processorSeconds = seconds
      }
      watch(.time)
    }
    stop()
    try pump()
    if let rest = serialLines.remainder { observation.console.append(rest) }
    observation.seconds = (ContinuousClock.now - start) / .seconds(1)
    guard observation.timedOut || !observation.console.isEmpty else {
      throw LabError.emulator(try text(of: errors))
    }
    return observation
  }

  private func pump() throws {
    let console = try serial.receive()
    if !console.isEmpty {
      try log.write(contentsOf: Data(console))
      for line in serialLines.take(console) {
        observation.console.append(line)
        noteFact(on: line)
        if line.contains(Stage.panicOfTheFirst) {
          observation.crashedAt = (ContinuousClock.now - start) / .seconds(1)
          observation.processorSecondsAtCrash =
            ProcessorTime.seconds(below: process.processIdentifier)
        }
        watch(.line(line))
        if let powerCut, cutAt == nil, line.contains(powerCut.line) {
          let delay = Double.random(in: 0...powerCut.within)
          cutAt = ContinuousClock.now + .seconds(delay)
          observation.facts["power-cut-after"] = "\(delay)"
        }
        if savesMemory, observation.crashedAt != nil,
          line.contains("Linux version")
        {
          savesMemory = false
          saveCrashed()
        }
      }
    }
    for line in monitorLines.take(try monitor.receive()) {
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
      guard let answer = object as? [String: Any] else { continue }
      if answer["return"] != nil || answer["error"] != nil {
        answers.append(answer)
      }
    }
    for line in portLines.take(try port.receive()) {
      let message = GuestMessage(line: line)
      observation.note(message)
      switch message {
      case .snapshot(let name): try answer(snapshot: name)
      case .damage(let key): try port.send(damage(key) ? "done" : "failed")
      case .balloon(let size): try answer(balloon: size)
      case .verdict:
        observation.verdictAt = (ContinuousClock.now - start) / .seconds(1)
      case .fact, .other: break
      }
    }
  }

  /// A guest without room for a second port tells facts on the console,
  /// behind a time stamp.
  private func noteFact(on line: String) {
    guard let start = line.range(of: "lab: fact ") else { return }
    let message = GuestMessage(line: "fact " + line[start.upperBound...])
    observation.note(message)
  }

  /// Makes a line of VMCOREINFO unreadable in the machine's memory: in the
  /// page that the kernel prints it to, and in the copy that kexec made.
  private func damage(_ key: String) -> Bool {
    let path = folder + "/memory"
    guard let file = FileHandle(forUpdatingAtPath: path),
      let memory = try? Data(
        contentsOf: URL(fileURLWithPath: path),
        options: .alwaysMapped
      )
    else { return false }
    var found = 0
    var start = memory.startIndex
    let wanted = Data((key + "=").utf8)
    while let place = memory.range(of: wanted, in: start..<memory.endIndex) {
      start = place.upperBound
      // Elsewhere it is the kernel's format string, or this very request.
      let page = place.lowerBound & ~4095
      guard memory[page..<page + 10].elementsEqual("OSRELEASE=".utf8) else {
        continue
      }
      do {
        try file.seek(toOffset: UInt64(place.lowerBound))
        try file.write(contentsOf: Data(repeating: 0x23, count: wanted.count))
        found += 1
      } catch { return false }
    }
    observation.facts["damaged-copies"] = "\(found)"
    return found > 0
  }

  /// Saves memory as an ELF core while the machine stands still, then lets
  /// the guest go on.
  private func answer(snapshot name: String) throws {
    try port.send(save(name) ? "done" : "failed")
  }

  /// The same without being asked, when all that is at work is a kernel that
  /// begins: nothing has been lent until oldmemd says so on the console.
  private func saveCrashed() {
    let isSaved = save(Self.savedMemory)
    let isEarly = !observation.console.contains { $0.contains("oldmem: ") }
    observation.facts["memory-saved"] =
      isSaved && isEarly ? "before anything was lent" : "too late"
  }

  private func save(_ name: String) -> Bool {
    let path = "\(folder)/\(name)"
    do {
      try ask(
        #"{"execute":"dump-guest-memory","arguments":"#
          + #"{"paging":false,"protocol":"file:\#(path)"}}"#,
        seconds: 120
      )
      return true
    } catch {
      observation.facts["snapshot-error"] = "\(error)"
      return false
    }
  }

  /// Has the balloon take memory; QEMU wants to hear what is to remain.
  private func answer(balloon mebibytes: Int) throws {
    let remains = memory.bytes - mebibytes << 20
    do {
      try ask(
        #"{"execute":"balloon","arguments":{"value":\#(remains)}}"#,
        seconds: 20
      )
      try port.send("done")
    } catch { try port.send("failed") }
  }

  /// Sends a command to QEMU and waits for its answer.
  private func ask(_ command: String, seconds: Int) throws {
    answers = []
    let end = ContinuousClock.now + .seconds(seconds)
    try monitor.send(command)
    while process.isRunning, ContinuousClock.now < end {
      Fifo.wait(for: [serial, monitor], milliseconds: 200)
      try pump()
      guard let answer = answers.first else { continue }
      guard answer["error"] == nil else {
        throw LabError.monitor("\(answer)")
      }
      return
    }
    throw LabError.monitor("no answer to \(command)")
  }

  /// Has the kernel list its blocked tasks, then all, on the console, as a
  /// break on the serial line and a letter make it.
  private func askWhereItHangs() throws {
    for letter in ["w", "t", "m"] {
      try monitor.send(
        #"{"execute":"chardev-send-break","arguments":{"id":"serial"}}"#
      )
      try pump(seconds: 1)
      try serial.send(letter)
      try pump(seconds: 5)
    }
  }

  private func pump(seconds: Int) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while process.isRunning, ContinuousClock.now < end {
      Fifo.wait(for: [serial, port, monitor], milliseconds: 200)
      try pump()
    }
  }

  /// QEMU dies with its parent, and completes nothing any more.
  private func cutPower() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    observation.facts["power-cut"] = "yes"
  }

  private func stop() {
    guard process.isRunning else { return }
    // timeout(1) passes it on, and kills what does not listen.
    process.terminate()
    process.waitUntilExit()
  }
}
