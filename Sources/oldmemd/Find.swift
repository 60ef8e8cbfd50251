// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import DeviceMapper
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
  let core: CoreFile<VMCoreFile>
  /// What is not to be lent whatever the memory map says.
  let taken: [FrameRange]
  /// What of that is used by something else of ours.
  let apart: [FrameRange]

  /// Searches /proc/vmcore, or those `windows` of it, for as much as `settings`
  /// want, outside of what is used otherwise.
  init(
    _ kernel: consuming CrashedKernel,
    _ settings: Settings,
    within windows: [FrameRange]? = nil,
    apart ranges: [FrameRange] = [],
    report: consuming StepReport
  ) throws(LendError) {
    let layout = kernel.layout
    var taken = try CrashedKernel.taken() + ranges
    if let windows { taken = MemoryWindow.outside(windows, taken) }
    let pool = FramePool(
      try Find.request(settings),
      excluding: taken,
      nodes: FrameSearch.nodes(kernel.core, layout)
    )
    var offers = Seeker(pool, by: report)
    var policy = kernel.policy
    policy.excluded = taken
    do throws(MapError) {
      _ = try FrameSearch.search(kernel.core, layout, policy, &offers)
      policy.classes = settings.furtherClasses
      if !policy.classes.isEmpty, !offers.hasEnough() {
        policy.flags = PageFlags.find(
          packed: policy.flags,
          kernel.core,
          kernel.info,
          layout
        )
        policy.ignoresInFlight = settings.ignoresInFlight
        _ = try FrameSearch.search(kernel.core, layout, policy, &offers)
      }
    } catch { throw .map(error) }
    let found = offers.pool.take()?.select()
    guard let selection = found, selection.blocks >= Find.leastBlocks else {
      throw .tooLittle(frames: UInt64(found?.slotCount ?? 0))
    }
    self.selection = selection
    core = kernel.core
    self.taken = taken
    apart = ranges
  }

  /// Writes a line `first count class` for each run, in decimal.
  func list(to path: Path) throws(LendError) {
    do throws(Errno) {
      let file = try Descriptor(path, .append(mode: 0o600))
      for index in selection.runs.indices {
        let run = selection.runs[index]
        let kind = selection.classes[index].name
        let line: Line = "\(run.start.value) \(run.count) \(kind)\n"
        try file.write(line.raw)
      }
    } catch { throw .list(path, error) }
  }

  /// What was found, in a line.
  var summary: Line {
    let size = UInt64(selection.blocks) >> 8
    let runs = selection.runs.count
    var line: Line =
      "\(size) MiB lent, \(selection.copies) copies, \(runs) runs"
    for pageClass in PageClass.allCases where pageClass != .free {
      let frames = selection.frames(of: pageClass)
      guard frames > 0 else { continue }
      let part: Line = ", \(frames >> 8) MiB of it \(pageClass.name)"
      line.append(line: part)
    }
    if let distance = selection.distance {
      let gap: Line = ", \(distance >> 8) MiB apart at least"
      line.append(line: gap)
    }
    if selection.isAcrossNodes { line.append(", on nodes of their own") }
    return line
  }

  private static func request(
    _ settings: Settings
  ) throws(LendError) -> FrameRequest {
    let blocks = UInt32(
      clamping: settings.deviceSize / UInt64(Frame.size)
    )
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

extension Settings {
  /// What may be lent besides free memory.
  fileprivate var furtherClasses: PageClassSet {
    var classes: PageClassSet = []
    if lendsCache { classes.formUnion(.cache) }
    if lendsAnonymous { classes.formUnion(.anonymous) }
    return classes
  }
}
