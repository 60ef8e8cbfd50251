// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import BootImage
import DeviceMapper
import Devices
import FramePool
import Linux
import Memory
import Supervisor
import VMCore

/// The route for which no process has to live: drivers that the distribution
/// has signed show old memory as block devices, and device-mapper makes one of
/// the frames that were chosen.
struct Stitch: ~Copyable {
  private let found: Find
  private let windows: [MemoryWindow]

  /// Looks for frames that a driver shows: in the windows of pmem, which are
  /// there from the start, or in those that slram is loaded for.
  init(
    _ settings: Settings,
    instead first: consuming Find,
    _ report: borrowing StepReport
  ) throws(LendError) {
    try Modules.load(from: ImageLayout.stitchModules)
    var windows = MemoryWindow.pmem()
    if windows.isEmpty, Files.exists(Path(stringLiteral: ImageLayout.slram)) {
      let ranges = SlramPlan.ranges(
        covering: first.selection.runs,
        without: first.taken
      )
      try Modules.load(
        Path(stringLiteral: ImageLayout.slram),
        SlramPlan.parameters(ranges)
      )
      windows = MemoryWindow.slram(ranges)
    }
    guard !windows.isEmpty else { throw .noWindow }
    let apart = first.apart
    // Its memory goes before as much is taken again.
    _ = consume first
    found = try Find(
      try CrashedKernel(settings),
      settings,
      within: windows.map { $0.frames },
      apart: apart,
      report: try Lend.duplicate(report)
    )
    self.windows = windows
  }

  /// Makes the device; `started` is called once, and then PID 1 says whether
  /// it is in use.
  func lend(
    _ settings: Settings,
    _ report: borrowing StepReport,
    started: (Line, DeviceName) -> Void
  ) throws(LendError) {
    if let path = settings.frames { try found.list(to: path) }
    let slots = try look(settings, report)
    report.begin(.serve)
    let device: StitchedDevice
    do throws(StitchedDevice.Failure) {
      device = try StitchedDevice(
        StitchedDevice.Shape(
          isChecked: settings.checksBlocks,
          copies: found.selection.shelves(without: slots)
        ),
        in: windows,
        progress: { report.progress() }
      )
    } catch { throw .stitch(error) }
    var line = found.summary
    line.append(
      settings.checksBlocks ? ", checked by the kernel" : ", not checked"
    )
    started(line, device.name)
    // What nobody uses is taken away.
    if !report.awaitPermit() { device.remove() }
  }

  /// Proves the way to the frames, and watches them where that is asked for;
  /// says which slots are not to be used.
  private func look(
    _ settings: Settings,
    _ report: borrowing StepReport
  ) throws(LendError) -> [UInt32] {
    let selection = found.selection
    let name = StitchedDevice.proof
    defer { MappedDevice.remove(name) }
    let device: MappedDevice
    do throws(StitchedDevice.Failure) {
      let table = try StitchedDevice.table(name, selection.runs, in: windows)
      do throws(DeviceMapperError) {
        device = try MappedDevice(table)
      } catch { throw .refused(error) }
    } catch { throw .stitch(error) }
    let frames = try attempt(LendError.window) { () throws(Errno) in
      try BlockFrames(
        DeviceName.mapped(device.number.minor).path,
        slotCount: selection.slotCount
      )
    }
    do throws(RouteProof.Refusal) {
      try RouteProof.proveContent(
        frames,
        selection.runs.span,
        against: found.core,
        seed: Kernel.randomSeed(),
        { report.progress() }
      )
    } catch { throw .proof(error) }
    guard settings.settleTime > 0 else { return [] }
    report.begin(.settle)
    return try found.settle(
      frames,
      seconds: settings.settleTime,
      progress: { report.progress() }
    ).slots
  }
}
