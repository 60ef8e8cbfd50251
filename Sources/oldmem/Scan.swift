// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Memory
import MemoryMap
import PageClasses
import VMCore

/// `oldmem scan`: which frames of a core file may be lent.
struct Scan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counts the frames that may be lent, by class and by veto."
  )

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  @Option(help: "makedumpfile's -d, 0 to 31: what it dumps is not lent.")
  var dumpLevel = 31

  @Option(
    help: "Write the frames here, one run a line: first_frame count class."
  )
  var frames: String?

  @Argument(help: "An ELF core file, or /proc/vmcore.")
  var vmcore: String

  func validate() throws {
    guard DumpLevel(dumpLevel) != nil else {
      throw ValidationError("--dump-level must be from 0 to 31.")
    }
  }

  func run() throws {
    let kernel = try CrashedKernel(vmcore)
    let policy = SearchPolicy(
      dumpLevel: DumpLevel(dumpLevel) ?? .dumpEverything
    )
    var found = FoundFrames(progress: nil)
    var seen = FoundFrames(progress: Progress(kernel.core.loads))
    let search: SearchReport
    let census: SearchReport
    do throws(MapError) {
      search = try FreeFrames.search(
        kernel.core,
        kernel.layout,
        policy,
        &found
      )
      census = try FreeFrames.scan(kernel.core, kernel.layout, policy, &seen)
    } catch {
      seen.progress?.clear()
      throw BadInput(path: vmcore, sentence: error.sentence)
    }
    seen.progress?.clear()
    let result = ScanResult(
      file: vmcore,
      release: kernel.string("OSRELEASE"),
      dumpLevel: dumpLevel,
      search: search,
      census: census,
      found: found,
      seen: seen
    )
    if let frames { try write(found.runs, to: frames) }
    print(json ? try result.json() : result.table())
  }

  /// Writes the runs to `path`, whole or not at all.
  private func write(_ runs: [FrameRange], to path: String) throws {
    var text = ""
    for run in runs {
      text += "\(run.start.value) \(run.count) \(PageClass.free.name)\n"
    }
    do {
      try Data(text.utf8).write(
        to: URL(fileURLWithPath: path),
        options: .atomic
      )
    } catch {
      throw BadInput(path: path, sentence: "cannot be written")
    }
  }
}
