// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import BootImage
import Devices
import Linux
import Memory
import Supervisor
import VMCore

/// The parts of stage two, from wherever each of them can be had: out of the
/// crashed system's memory where that held them, otherwise out of the image.
///
/// PID 1 gets word of each piece that is read: a machine that swaps may take
/// long for a part.
struct ReportedParts: PartSource, ~Copyable {
  /// How long all searches may take together, in nanoseconds.
  private static let searchTime: UInt64 = 120 * 1_000_000_000
  private static let searchLimit = 3

  var files: PartFiles
  private var held: HeldStage<CoreFile<VMCoreFile>>?
  private let report: StepReport
  private var isHeld = false
  private var searches = 0
  private var searched: UInt64 = 0

  init(_ files: consuming PartFiles, _ report: consuming StepReport) {
    self.files = files
    self.report = report
    held = Self.heldStage()
  }

  mutating func open(_ part: UInt32) throws(PartError) {
    isHeld = openHeld(part)
    if !isHeld { try files.open(part) }
  }

  mutating func read(
    into bytes: inout MutableSpan<UInt8>
  ) throws(PartError) -> Int {
    report.progress()
    guard isHeld else { return try files.read(into: &bytes) }
    return held?.read(into: &bytes) ?? 0
  }

  /// Whether a part was had out of the crashed system's memory.
  private mutating func openHeld(_ part: UInt32) -> Bool {
    guard let count = held?.record.partCount, part < count else { return false }
    while true {
      report.progress()
      switch held?.open(part) {
      case .ready: return true
      case .moved:
        if search() { continue }
        Console.say("unpack: part \(part) is not held any more", .problem)
      case .wrong:
        Console.say("unpack: part \(part) is not what was held", .problem)
      case nil: break
      }
      return false
    }
  }

  /// Looks for pages that have moved; false where that was tried long enough.
  private mutating func search() -> Bool {
    guard searches < Self.searchLimit, searched < Self.searchTime else {
      return false
    }
    if searches == 0 {
      Console.say("unpack: held pages have moved: searching all memory")
    }
    searches += 1
    let start = Clock.nanoseconds()
    held?.beginSearch()
    var time: UInt64 = 0
    while searched + time < Self.searchTime, held?.search() == true {
      report.progress()
      time = Clock.nanoseconds() - start
    }
    searched += time
    return true
  }

  /// What the crashed system held, if the image says that it did.
  private static func heldStage() -> HeldStage<CoreFile<VMCoreFile>>? {
    let path = Path(stringLiteral: ImageLayout.heldRecord)
    guard let bytes = try? Files.read(path, limit: HeldRecord.sizeLimit + 1)
    else { return nil }
    guard let record = try? HeldRecord(bytes.span) else {
      Console.say("unpack: \(path) is not usable", .problem)
      return nil
    }
    guard let file = try? VMCoreFile("/proc/vmcore", canShrink: false),
      let core = try? CoreFile(file)
    else {
      Console.say("unpack: /proc/vmcore cannot be read", .problem)
      return nil
    }
    var frames = [FrameRange]()
    var next = FrameNumber(0)
    while let run = core.loads.frames(from: next) {
      frames.append(run)
      next = run.end
    }
    Console.say("stage two is held in the crashed system's memory")
    return HeldStage(record, in: core, frames: frames)
  }
}
