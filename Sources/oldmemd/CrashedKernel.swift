// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Devices
import Linux
import Memory
import PageClasses
import VMCore

/// The crashed kernel as it has to be known before any of its memory is used.
struct CrashedKernel: ~Copyable {
  let core: CoreFile<VMCoreFile>
  let info: VMCoreInfo
  let layout: KernelLayout
  /// Looks for free memory alone.
  let policy: SearchPolicy

  /// Opens /proc/vmcore; throws why nothing may be used, if nothing may.
  init(_ settings: Settings) throws(LendError) {
    if let refusal = Guest.refusal() { throw .guest(refusal) }
    guard let level = DumpLevel(settings.dumpLevel), level.leavesOut(.free)
    else { throw .level(settings.dumpLevel) }
    let file = try attempt(LendError.vmcore) { () throws(Errno) in
      try VMCoreFile("/proc/vmcore", canShrink: false)
    }
    let core = try CrashedKernel.open(file)
    let info = try attempt(LendError.core) { () throws(CoreError) in
      try core.vmcoreInfo()
    }
    let layout = KernelLayout(info)
    let policy = SearchPolicy(
      dumpLevel: level,
      collector: Collector(version: settings.collectorVersion),
      flags: PageFlags.packed(info, layout),
      classes: .free
    )
    guard policy.collector.leavesOutFree(of: layout) else {
      throw .collector(settings.makedumpfile)
    }
    self.core = core
    self.info = info
    self.layout = layout
    self.policy = policy
  }

  /// What this kernel itself uses at this moment.
  static func taken() throws(LendError) -> [FrameRange] {
    do throws(MachineMemory.Failure) { return try MachineMemory.taken() } catch
    {
      throw .machine(error)
    }
  }

  private static func open(
    _ file: consuming VMCoreFile
  ) throws(LendError) -> CoreFile<VMCoreFile> {
    do throws(CoreError) { return try CoreFile(file) } catch {
      throw .core(error)
    }
  }
}

extension Settings {
  /// The makedumpfile's version; nil where nobody can tell.
  fileprivate var collectorVersion: Collector.Version? {
    makedumpfile.flatMap { Collector.Version($0.text) }
  }
}
