// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Linux
import NBD
import Rescue
import RescueStream

/// Saves the crashed kernel's log, or a dump, in each of several places,
/// whatever becomes of the others.
struct RescueAction: Sendable {
  let targets: [Path]
  let id: RescueID?
  /// Seconds that each place may take.
  let patience: UInt32
  /// The most bytes of a dump.
  let size: UInt64
  /// Where the list of lent frames is.
  let lent: Path?
  /// What is sent over a network is sealed with.
  let key: Settings.RescueKey
  var vmcore: Path = "/proc/vmcore"
  /// Where people read what became of it.
  var log = Log.Target.kernelLog

  /// What the settings say.
  init(_ settings: Settings) {
    targets = settings.rescue
    id = settings.rescueID
    patience = settings.rescueTime
    size = settings.rescueSize
    lent = settings.frames
    key = settings.rescueKey
  }

  /// Saves in all places, one after another, and says whether any has it.
  ///
  /// What was saved where is a line for each on the console; `tick` is called
  /// each second.
  func run(tick: () -> Void = {}) -> Bool {
    var isSaved = false
    for target in targets where saved(in: target, tick) { isSaved = true }
    return isSaved
  }

  /// In a process of its own: a disk that does not answer keeps nobody back.
  private func saved(in target: Path, _ tick: () -> Void) -> Bool {
    do throws(Errno) {
      guard let child = try Process.fork() else {
        Process.exit(save(in: target) ? 0 : 1)
      }
      // Nobody would end it who does not see when it has ended.
      guard let watch = try? ProcessWatch(process: child.number) else {
        child.kill()
        say(target, "its process could not be watched")
        return false
      }
      for _ in 0..<patience {
        tick()
        guard watch.ended(within: 1000) else { continue }
        return try child.end(block: true) == .exited(0)
      }
      child.kill()
      say(target, "nothing heard for \(patience) s")
    } catch { say(target, "no process could be made: \(error)") }
    return false
  }

  private func save(in target: Path) -> Bool {
    // Who has gone away is an error like others.
    try? Process.ignore(signal: 13)
    do throws(RescueError) {
      if target.hasPrefix("dump:") {
        try dump(to: target.droppingFirst(5), target)
      } else {
        let count = try saveLog(in: target)
        Console.say(
          "rescue: the log is saved: \(target), \(count) bytes",
          to: log
        )
      }
      return true
    } catch {
      say(target, error.sentence)
      return false
    }
  }

  private func saveLog(in target: Path) throws(RescueError) -> UInt64 {
    if target.equals("console") {
      return try write(to: "/dev/console", isDisk: false)
    }
    if let place = Place(target) { return try write(to: place) }
    guard target.hasPrefix("/dev/") else { throw .unknownTarget }
    return try write(to: target, isDisk: true)
  }

  private func write(to place: Place) throws(RescueError) -> UInt64 {
    guard case .none = key else {
      return try write(to: Outlet(sealed(place, .log)), nil)
    }
    let file: Descriptor
    do throws(Errno) {
      file = try place.connect(seconds: Int32(min(patience, 3600)))
    } catch { throw .target(error) }
    return try write(to: Outlet(file), nil)
  }

  private func write(
    to path: Path,
    isDisk: Bool
  ) throws(RescueError) -> UInt64 {
    guard isDisk else { return try write(to: Outlet(open(path, .write)), nil) }
    guard let id else { throw .noID }
    let file = try open(path, .readWriteExclusive)
    let disk = try PreparedDisk.open(file, id: id)
    let count = try log(to: Outlet(), nil).sink.count
    let area = try LogArea.begin(on: disk, byteCount: count)
    return try write(to: Outlet(area), path)
  }

  private func write(
    to outlet: consuming Outlet,
    _ path: Path?
  ) throws(RescueError) -> UInt64 {
    var saved = try log(to: outlet, path)
    try saved.sink.end()
    if saved.sink.isCut, let path {
      say(path, "there was no room for the log's beginning")
    }
    return saved.sink.count
  }

  private func log(
    to outlet: consuming Outlet,
    _ target: Path?
  ) throws(RescueError) -> SavedLog {
    do throws(DmesgError) {
      return try SavedLog.write(vmcore, to: outlet, LogStyle(), target)
    } catch { throw .log(error) }
  }

  /// Opens what may take a while to be there: its driver was loaded just now.
  func open(
    _ path: Path,
    _ access: Descriptor.Access
  ) throws(RescueError) -> Descriptor {
    var last = Errno.noEntry
    for _ in 0..<(patience * 4) {
      do throws(Errno) { return try Descriptor(path, access) } catch {
        // ENXIO, ENODEV: its driver is about to find out what it is.
        last = error
        guard [2, 6, 19].contains(error.code) else { break }
      }
      Clock.sleep(milliseconds: 200)
    }
    throw .target(last)
  }

  func say(_ target: Path, _ problem: Line) {
    Console.say("rescue: \(target): \(problem)", .problem, to: log)
  }
}
