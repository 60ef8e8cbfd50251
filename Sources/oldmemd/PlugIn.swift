// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Devices
import Hotplug
import Linux
import Memory
import MemoryMap
import PageClasses
import Supervisor
import VMCore

/// Old memory as RAM of this kernel's: chosen, watched, added.
///
/// Whatever goes wrong is one line, and swap takes its place.
enum PlugIn {
  /// What has become RAM.
  struct Outcome {
    /// The memory blocks that were added, all frames of them.
    var blocks: [FrameRange] = []
    /// How many of their frames are RAM.
    var frames: UInt64 = 0
    /// How many were wanted.
    let wanted: UInt64
    /// How many frames their struct pages take.
    var memmapFrames: UInt64 = 0
    var isMovable = false
    var milliseconds: UInt64 = 0

    /// Whether a capture system that was to live on this alone can.
    var suffices: Bool { frames >= wanted / 2 }

    /// What was done, in a line.
    var summary: Line {
      var line: Line = "hotplug: \(blocks.count) blocks, "
      line.append(decimal: frames >> 8)
      line.append(" MiB online (")
      line.append(isMovable ? "movable), " : "kernel), ")
      line.append(decimal: memmapFrames >> 8)
      let end: Line = " MiB of struct pages, \(milliseconds) ms"
      line.append(line: end)
      return line
    }
  }

  private enum Failure: Error {
    case hotplug(HotplugError)
    case map(MapError)
    case machine(LendError)
    case list(Path, Errno)

    var sentence: Line {
      switch self {
      case .hotplug(let error): "hotplug: \(error.sentence)"
      case .map(let error): "hotplug: /proc/vmcore: \(error.line)"
      case .machine(let error): error.sentence
      case .list(let path, let errno): "hotplug: \(path): \(errno)"
      }
    }
  }

  /// Adds as much as `space` wants, and says how much that was.
  static func run(
    _ kernel: borrowing CrashedKernel,
    _ space: HotplugSpace,
    _ settings: Settings,
    _ report: borrowing StepReport
  ) -> Outcome {
    var outcome = Outcome(wanted: space.size >> Frame.shift)
    do throws(Failure) {
      try run(kernel, space, settings, report, &outcome)
    } catch {
      var line = error.sentence
      if outcome.frames == 0 { line.append("; swap takes its place") }
      Console.say(line, .problem)
    }
    if outcome.frames > 0 { Console.say(outcome.summary) }
    if outcome.frames > 0, !outcome.suffices, !settings.uses.swap {
      Console.say("hotplug: less than half of what was wanted; swap as well")
    }
    return outcome
  }

  private static func run(
    _ kernel: borrowing CrashedKernel,
    _ space: HotplugSpace,
    _ settings: Settings,
    _ report: borrowing StepReport,
    _ outcome: inout Outcome
  ) throws(Failure) {
    let device: OldmemDevice
    do throws(HotplugError) {
      device = try OldmemDevice()
      outcome.isMovable = space.isMovable
    } catch { throw .hotplug(error) }
    let found = try choose(kernel, space, device, report)
    // Before the first of them is anything else than it was.
    if let path = settings.frames { try list(found.bitmaps, to: path) }
    do throws(HotplugError) {
      try watch(
        found.bitmaps,
        kernel,
        device,
        seconds: settings.hotplugSettleTime,
        report
      )
    } catch { throw .hotplug(error) }
    do throws(HotplugError) {
      let policy = try OnlinePolicy(space.isMovable ? .movable : .kernel)
      try add(found.bitmaps, device, under: policy, report, &outcome)
    } catch { throw .hotplug(error) }
  }

  /// The blocks that give most, and which frames of them are free.
  private static func choose(
    _ kernel: borrowing CrashedKernel,
    _ space: HotplugSpace,
    _ device: borrowing OldmemDevice,
    _ report: borrowing StepReport
  ) throws(Failure) -> BlockFinder {
    // What is movable is of no use to the kernel, which pays for it.
    let budget = Kernel.memory.free / UInt64(Frame.size) / 2
    guard
      let request = BlockRequest(
        frames: space.size >> Frame.shift,
        blockFrames: device.blockFrames,
        memmapFrames: device.memmapFrames,
        budget: space.isMovable ? budget : nil
      )
    else {
      throw .hotplug(.strangeBlocks(frames: device.blockFrames))
    }
    var policy = kernel.policy
    do throws(LendError) { policy.excluded = try CrashedKernel.taken() } catch {
      throw .machine(error)
    }
    var allowed: [FrameRange]
    do throws(HotplugError) { allowed = try device.allowed() } catch {
      throw .hotplug(error)
    }
    let reach = try reach()
    allowed = allowed.map { $0.below(reach) }
    var seeker: Seeker
    do throws(LendError) {
      seeker = Seeker(
        BlockFinder(request, allowed: allowed),
        by: try Lend.duplicate(report)
      )
    } catch { throw .machine(error) }
    try search(kernel, policy, &seeker)
    do throws(BlockRefusal) { try seeker.blocks?.choose() } catch {
      throw .hotplug(.refused(error))
    }
    try search(kernel, policy, &seeker)
    return seeker.blocks.take() ?? BlockFinder(request, allowed: [])
  }

  /// The first frame that may not become RAM.
  ///
  /// A kernel whose memory ends below 4 GiB has no bounce buffers, and devices
  /// that reach no further could not transfer to what lies above.
  private static func reach() throws(Failure) -> FrameNumber {
    let limit = FrameNumber((4 << 30) >> Frame.shift)
    do throws(MachineMemory.Failure) {
      return try MachineMemory.endOfRAM() <= limit ? limit : FrameNumber(.max)
    } catch { throw .machine(.machine(error)) }
  }

  private static func search(
    _ kernel: borrowing CrashedKernel,
    _ policy: SearchPolicy,
    _ seeker: inout Seeker
  ) throws(Failure) {
    do throws(MapError) {
      _ = try FrameSearch.search(kernel.core, kernel.layout, policy, &seeker)
    } catch { throw .map(error) }
  }

  /// Writes canaries, waits, and throws if any of them changed.
  ///
  /// Both ends of each run must be what /proc/vmcore shows, before the first
  /// frame is written and afterwards.
  private static func watch(
    _ bitmaps: borrowing BlockBitmaps,
    _ kernel: borrowing CrashedKernel,
    _ device: borrowing OldmemDevice,
    seconds: UInt32,
    _ report: borrowing StepReport
  ) throws(HotplugError) {
    var watch = FrameWatch(seed: Kernel.randomSeed())
    for block in bitmaps.blocks.indices {
      try bitmaps.forEachRun(of: block) { (run) throws(HotplugError) in
        try watch.compare(run, through: device, with: kernel.core)
      }
      report.progress()
    }
    for block in bitmaps.blocks.indices {
      try bitmaps.forEachRun(of: block) { (run) throws(HotplugError) in
        try watch.plant(run, through: device)
        try watch.compare(run, through: device, with: kernel.core)
      }
      report.progress()
    }
    for _ in 0..<seconds {
      Clock.sleep(milliseconds: 1000)
      report.progress()
    }
    for block in bitmaps.blocks.indices {
      try bitmaps.forEachRun(of: block) { (run) throws(HotplugError) in
        try watch.check(run, through: device)
      }
      report.progress()
    }
  }

  private static func add(
    _ bitmaps: borrowing BlockBitmaps,
    _ device: borrowing OldmemDevice,
    under policy: borrowing OnlinePolicy,
    _ report: borrowing StepReport,
    _ outcome: inout Outcome
  ) throws(HotplugError) {
    let start = Clock.nanoseconds()
    for block in bitmaps.blocks.indices {
      let frame = bitmaps.blocks[block]
      let added: OldmemDevice.Added
      do throws(Errno) {
        added = try device.add(frame, bitmaps.bitmap(of: block))
      } catch { throw .notAdded(frame, error) }
      outcome.blocks.append(bitmaps.range(of: block))
      outcome.frames += added.frames
      outcome.memmapFrames += device.memmapFrames
      outcome.isMovable = added.isMovable
      outcome.milliseconds = (Clock.nanoseconds() - start) / 1_000_000
      report.progress()
    }
  }

  /// Writes a line `first count free` for each run, in decimal.
  private static func list(
    _ bitmaps: borrowing BlockBitmaps,
    to path: Path
  ) throws(Failure) {
    do throws(Errno) {
      let file = try Descriptor(path, .append(mode: 0o600))
      for block in bitmaps.blocks.indices {
        try bitmaps.forEachRun(of: block) { (run) throws(Errno) in
          let line: Line = "\(run.start.value) \(run.count) free\n"
          try file.write(line.raw)
        }
      }
    } catch { throw .list(path, error) }
  }
}
