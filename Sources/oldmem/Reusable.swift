// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses

/// How much memory could be lent if the system crashed now.
struct Reusable: Codable {
  /// Frames of 4096 bytes by class, those that may be lent.
  let frames: [String: UInt64]

  /// All of them, in bytes.
  var byteCount: UInt64 {
    frames.values.reduce(0, +) * UInt64(Frame.size)
  }

  /// By /proc/kcore, which is the running kernel's memory as a core file; nil,
  /// and the reason, where it cannot be read.
  ///
  /// Memory changes while it is read, so this is no promise.
  static func ofThisMachine(dumpLevel: Int) -> (Reusable?, String?) {
    do {
      let kernel = try CrashedKernel("/proc/kcore")
      let (known, _) = try kernel.flagLayout(file: nil)
      let policy = SearchPolicy(
        dumpLevel: DumpLevel(dumpLevel) ?? .dumpEverything,
        collector: InstalledCollector.installed().collector,
        flags: known?.layout,
        classes: known == nil ? .free : [.free, .cache, .anonymous]
      )
      var seen = FoundFrames(progress: nil)
      do throws(MapError) {
        _ = try FrameSearch.scan(
          kernel.core,
          kernel.layout,
          policy,
          &seen
        )
      } catch {
        throw BadInput(path: "/proc/kcore", sentence: error.sentence)
      }
      var frames: [String: UInt64] = [:]
      for run in seen.runs {
        frames["\(run.pageClass.name)", default: 0] += run.frames.count
      }
      return (Reusable(frames: frames), nil)
    } catch { return (nil, "\(error)") }
  }
}
