// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Devices
import FramePool
import Linux
import Memory
import MemoryMap
import PageClasses
import Supervisor
import VMCore

/// The frames of the crashed kernel's that will be lent.
struct Find: ~Copyable {
  /// Less than 16 MiB is not worth the 3 MiB that lending costs.
  static let leastBlocks: UInt32 = 4096

  let selection: Selection
  private let core: CoreFile<VMCoreFile>

  /// Searches /proc/vmcore for as much as `settings` want.
  init(
    _ settings: Settings,
    report: consuming StepReport
  ) throws(LendError) {
    if let refusal = Guest.refusal() { throw .guest(refusal) }
    guard let level = DumpLevel(settings.dumpLevel), level.leavesOut(.free)
    else { throw .level(settings.dumpLevel) }
    let taken: [FrameRange]
    do throws(MachineMemory.Failure) {
      taken = try MachineMemory.taken()
    } catch { throw .machine(error) }
    let file = try attempt(LendError.vmcore) { () throws(Errno) in
      try VMCoreFile("/proc/vmcore")
    }
    let core = try Find.open(file)
    let layout = try attempt(LendError.core) { () throws(CoreError) in
      KernelLayout(try core.vmcoreInfo())
    }
    var collector = Collector(
      request: try Find.request(settings),
      excluded: taken,
      report: report
    )
    do throws(MapError) {
      _ = try FreeFrames.search(
        core,
        layout,
        SearchPolicy(dumpLevel: level, excluded: taken),
        &collector
      )
    } catch { throw .map(error) }
    let selection = collector.select()
    guard selection.blocks >= Find.leastBlocks else {
      throw .tooLittle(frames: UInt64(selection.slotCount))
    }
    self.selection = selection
    self.core = core
  }

  /// Maps the frames through /dev/mem and proves that this reaches them.
  func map(progress: () -> Void) throws(LendError) -> PooledFrames {
    let memory = try attempt(LendError.memory) { () throws(Errno) in
      // Not O_SYNC: that would make the mapping uncached.
      try Descriptor("/dev/mem", .readWrite)
    }
    let frames = try attempt(LendError.mapping) { () throws(Errno) in
      try PooledFrames.mapping(selection.runs.span, of: memory)
    }
    do throws(RouteProof.Refusal) {
      try RouteProof.prove(
        frames,
        selection.runs.span,
        against: core,
        seed: Kernel.randomSeed(),
        progress: progress
      )
    } catch { throw .route(error) }
    return frames
  }

  /// Writes a line `first count` for each run, in decimal.
  func list(to path: Path) throws(LendError) {
    do throws(Errno) {
      let file = try Descriptor(path, .create(mode: 0o600))
      for run in selection.runs {
        let line: Line = "\(run.start.value) \(run.count)\n"
        try file.write(line.raw)
      }
    } catch { throw .list(path, error) }
  }

  /// What a frame that was found was used for in the crashed kernel.
  func pageClass(of frame: FrameNumber) -> PageClass {
    // The search takes no other.
    .free
  }

  /// What was found, in a line.
  var summary: Line {
    let size = UInt64(selection.blocks) >> 8
    let runs = selection.runs.count
    var line: Line =
      "\(size) MiB lent, \(selection.copies) copies, \(runs) runs"
    if let distance = selection.distance {
      let gap: Line = ", \(distance >> 8) MiB apart at least"
      line.append(line: gap)
    }
    return line
  }

  private static func open(
    _ file: consuming VMCoreFile
  ) throws(LendError) -> CoreFile<VMCoreFile> {
    do throws(CoreError) { return try CoreFile(file) } catch {
      throw .core(error)
    }
  }

  private static func request(
    _ settings: Settings
  ) throws(LendError) -> FrameRequest {
    let blocks = UInt32(clamping: settings.size / UInt64(Frame.size))
    do throws(FramePoolError) {
      return try FrameRequest(
        blocks: blocks,
        copies: settings.copies,
        reserve: settings.settleTime > 0
          ? FrameRequest.reserve(watching: blocks) : 0,
        minimumRun: UInt32(clamping: settings.minimumRun),
        maximumRuns: settings.maximumRuns
      )
    } catch { throw .request(error) }
  }
}

/// Offers what the search finds to the pool, until there is enough to choose
/// copies that lie far apart.
private struct Collector: FrameVisitor, ~Copyable {
  private let request: FrameRequest
  private let excluded: [FrameRange]
  private let report: StepReport
  private var pool: FramePool
  private var visits = 0

  init(
    request: FrameRequest,
    excluded: [FrameRange],
    report: consuming StepReport
  ) {
    self.request = request
    self.excluded = excluded
    self.report = report
    pool = FramePool(request, excluding: excluded)
  }

  mutating func visit(_ run: ReusableRun) -> Bool {
    pool.offer(run.frames)
    // A machine of terabytes takes longer than PID 1 bears silence.
    if visits % 256 == 0 { report.progress() }
    visits &+= 1
    return pool.heldFrames < request.frames * 2
  }

  mutating func startOver() {
    pool = FramePool(request, excluding: excluded)
  }

  consuming func select() -> Selection { pool.select() }
}
