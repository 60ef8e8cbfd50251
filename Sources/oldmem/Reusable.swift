// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses

/// How much memory could be lent if the system crashed now.
enum Reusable {
  private static let core = "/proc/kcore"

  /// Frames that may be lent, by class, as /proc/kcore shows them: the running
  /// kernel's memory as a core file.
  ///
  /// Memory changes while it is read, so this is no promise.
  static func ofThisMachine(
    _ level: DumpLevel
  ) throws(BadInput) -> [String: UInt64] {
    let kernel = try CrashedKernel(core)
    let known = try? kernel.flagLayout(file: nil).known
    let policy = SearchPolicy(
      dumpLevel: level,
      collector: InstalledCollector.installed().collector,
      flags: known?.layout,
      classes: known == nil ? .free : [.free, .cache, .anonymous]
    )
    var seen = FoundFrames(progress: nil)
    do throws(MapError) {
      _ = try FrameSearch.scan(kernel.core, kernel.layout, policy, &seen)
    } catch { throw BadInput(path: core, sentence: error.sentence) }
    var frames: [String: UInt64] = [:]
    for run in seen.runs {
      frames["\(run.pageClass.name)", default: 0] += run.frames.count
    }
    return frames
  }
}
