// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import BlockStore
import Devices
import FramePool
import Linux
import NBDKernel
import Status
import Supervisor
import Ublk

/// The child that finds old memory, proves the way to it, and serves it for
/// as long as the capture kernel lives.
///
/// Whatever goes wrong before the device is there ends in one line that says
/// at which step and why, and in PID 1 carrying on without.
enum Lend {
  static func run() -> Never {
    let report = StepReport.inherited()
    do throws(LendError) {
      try lend(report)
    } catch {
      var line = error.sentence
      // Too late to carry on without; the spare says what will happen.
      if case .ended = error {} else { line.append("; carrying on without") }
      Console.say(line, .problem)
    }
    Process.exit(Child.refusal)
  }

  private static func lend(
    _ report: consuming StepReport
  ) throws(LendError) {
    let start = Clock.nanoseconds()
    guard report.begin(.module) else {
      Usage.fail("lend is for PID 1 to start")
    }
    Process.setName("oldmemd-server")
    try attempt(LendError.shield) { () throws(Errno) in try Shield.raise() }
    let settings = Settings.ofThisBoot()
    if settings.savesLogOnly {
      settings.setPanicTimeout()
      // Any of them may be that of the place where the log goes.
      try Modules.load(stopsAtFailure: false)
      throw .logOnly
    }
    guard !settings.isOff else { throw .off }
    settings.setPanicTimeout()
    let health = try attempt(LendError.report) { () throws(Errno) in
      try SharedHealth()
    }
    let witness = makeWitness(health, settings)
    try Modules.load()
    if settings.cutsOffDriverless {
      report.begin(.quiesce)
      DriverlessDevices.cutOff(progress: { report.progress() })
    }

    let kernel = try CrashedKernel(settings)
    var plugged: PlugIn.Outcome?
    if let space = settings.hotplug {
      report.begin(.plug)
      plugged = PlugIn.run(kernel, space, settings, report)
      if let plugged, plugged.suffices, !settings.uses.swap { Process.exit(0) }
    }
    report.begin(.find)
    let found = try Find(
      kernel,
      settings,
      apart: plugged?.blocks ?? [],
      report: duplicate(report)
    )
    report.begin(.route)
    let frames: PooledFrames
    do throws(LendError) {
      guard settings.route != .dm else { throw LendError.closed }
      guard settings.driver ?? driver() != nil else { throw LendError.noDriver }
      frames = try found.map(settings, progress: { report.progress() })
    } catch {
      guard error.leavesStitching, settings.allowsStitching else { throw error }
      let stitch = try Stitch(settings, instead: found, report)
      return try stitch.lend(settings, report) { line, device in
        let time = (Clock.nanoseconds() - start) / 1_000_000
        Console.say("\(line): \(device.path) after \(time) ms")
        report.ready(device: device)
      }
    }
    var quarantine = Quarantine()
    if settings.settleTime > 0 {
      report.begin(.settle)
      quarantine = try found.settle(
        frames,
        seconds: settings.settleTime,
        progress: { report.progress() }
      )
    }
    report.begin(.serve)
    let summary = found.summary
    let rest = try makeRest(
      settings,
      found,
      frames,
      health,
      duplicate(report)
    )
    var isServing = false
    do throws(ServerError) {
      try serve(rest, settings, without: quarantine.slots) { device in
        isServing = true
        let time = (Clock.nanoseconds() - start) / 1_000_000
        Console.say("\(summary): \(device.path) after \(time) ms")
        report.ready(device: device)
      }
    } catch { throw isServing ? .ended(error) : .server(error) }
    _ = consume witness
  }

  /// Serves a device to the end; `started` is called once it is there.
  private static func serve(
    _ rest: consuming Estate.Rest,
    _ settings: Settings,
    without slots: [UInt32],
    started: (DeviceName) -> Void
  ) throws(ServerError) {
    switch settings.driver ?? driver() ?? .ublk {
    case .ublk:
      let estate = try Estate(
        rest,
        depth: settings.queueDepth,
        bufferBytes: settings.bufferSize
      )
      var server = try Server.make(estate, without: slots.span)
      try server.run(started: { started(.ublk($0)) })
    case .nbd:
      let client = KernelClient(
        rest,
        bufferBytes: KernelClient.smallBuffer,
        without: slots
      )
      try client.run(started: { started(.nbd($0)) })
    }
  }

  /// ublk where the kernel has it, and else NBD; nil where it has neither.
  private static func driver() -> Settings.Driver? {
    do throws(UblkError) {
      try UblkDevice.findDriver()
      return .ublk
    } catch { return KernelDevice.hasDriver ? .nbd : nil }
  }

  /// Who tells how the store does, for as long as this is held; nothing that
  /// lending depends on.
  private static func makeWitness(
    _ health: borrowing SharedHealth,
    _ settings: Settings
  ) -> Witness? {
    do throws(Errno) {
      return try Witness(
        health,
        action: FailingAction(
          settings.onFailing,
          rescue: settings.rescue.isEmpty
            ? nil : { _ = RescueAction(settings).run() }
        ),
        // There is one devtmpfs for a kernel: the system that dumps has it too.
        record: "/dev/.oldmem-record",
        log: .kernelLog
      )
    } catch {
      Console.say("status: nobody will be answered: \(error)", .problem)
      return nil
    }
  }

  /// Another report to PID 1.
  static func duplicate(
    _ report: borrowing StepReport
  ) throws(LendError) -> StepReport {
    do throws(Errno) { return try report.duplicate() } catch {
      throw .report(error)
    }
  }

  private static func makeRest(
    _ settings: Settings,
    _ found: consuming Find,
    _ frames: consuming PooledFrames,
    _ health: consuming SharedHealth,
    _ report: consuming StepReport
  ) throws(LendError) -> Estate.Rest {
    let blocks = found.selection.blocks
    let copies = found.selection.copies
    let slotsPerShelf = found.selection.framesPerShelf
    // What was needed to find is not to be inherited.
    drop(found)
    do throws(ServerError) {
      return try Estate.Rest(
        blocks: blocks,
        copies: copies,
        slotsPerShelf: slotsPerShelf,
        on: frames,
        scrubTime: settings.scrubTime,
        health: health,
        limits: settings.health,
        report: report,
        voice: Voice(.kernelLog, lastResort: LastResort()),
        readahead: .ofTheKernel()
      )
    } catch { throw .server(error) }
  }

  private static func drop(_ found: consuming Find) {}
}
