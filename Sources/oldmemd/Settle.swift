// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Devices
import FramePool
import Linux
import Memory
import PageClasses

/// Watching the frames for a while before they are used.
extension Find {
  /// Writes canaries to all frames that will be lent, waits, and says on the
  /// console which of them changed.
  func settle<Frames: FrameAccess & ~Copyable>(
    _ frames: borrowing Frames,
    seconds: UInt32,
    progress: () -> Void
  ) throws(LendError) -> Quarantine {
    let canary = Canary(seed: Kernel.randomSeed())
    selection.plant(canary, in: frames, progress: progress)
    for _ in 0..<seconds {
      Clock.sleep(milliseconds: 1000)
      progress()
    }
    var places: UInt64 = 0
    let quarantine = selection.quarantine(
      against: canary,
      in: frames,
      progress: progress,
      report: { changed in
        places += 1
        // A serial console takes longer for a line than a device for a page.
        if places <= 4 {
          Find.say(changed, selection.pageClass(of: changed.start))
        }
      }
    )
    let all = selection.slotCount
    guard quarantine.holds else {
      throw .settle(changed: quarantine.frames, of: all)
    }
    if quarantine.frames == 0 {
      Console.say("settle: none of \(all) frames changed within \(seconds) s")
    } else {
      Console.say(
        """
        settle: \(quarantine.frames) of \(all) frames, in \(places) places, \
        changed within \(seconds) s and will not be used
        """,
        .problem
      )
    }
    return quarantine
  }

  private static func say(_ frames: FrameRange, _ pageClass: PageClass?) {
    var line: Line = "settle: frame \(hex: frames.start.value)"
    if frames.count > 1 {
      let rest: Line = " and \(frames.count - 1) after it"
      line.append(line: rest)
    }
    line.append(" (")
    line.append(pageClass?.name ?? "not lent")
    line.append(") changed by itself")
    Console.say(line, .problem)
  }
}
