// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Linux
import Memory
import NBD
import Rescue
import RescueStream

extension RescueAction {
  /// Saves a dump in a place, which messages call `target`.
  func dump(to place: Path, _ target: Path) throws(RescueError) {
    // What is on its way when time is over has to arrive, too.
    let time = UInt64(patience) * 900_000_000
    let deadline = Clock.nanoseconds() &+ time
    // Nothing is written before it is known what.
    let crash = try CrashDump.find(vmcore, lent: lent)
    let outlet = try open(place)
    let room = min(size, outlet.room)
    var dump = try crash.write(
      to: outlet,
      room: room,
      until: deadline
    )
    guard dump.isWritten, try dump.sink.end(isCut: dump.left > 0) else {
      throw .target(dump.sink.problem())
    }
    tell(dump, target)
  }

  private func open(_ place: Path) throws(RescueError) -> DumpOutlet {
    if place.equals("console") { return try lines() }
    if let place = Place(place) { return DumpOutlet(try sealed(place, .dump)) }
    guard place.hasPrefix("/") else { throw .noDump }
    let isDisk = place.hasPrefix("/dev/") && !place.hasPrefix("/dev/shm/")
    return isDisk ? try disk(place) : try newFile(place)
  }

  /// The console, on which the file is lines among others.
  private func lines() throws(RescueError) -> DumpOutlet {
    let console = try open("/dev/console", .write)
    let transfer = UInt16(truncatingIfNeeded: Kernel.randomSeed())
    return DumpOutlet(
      console: LineSink(
        to: DescriptorSink(console),
        kind: .dump,
        transfer: transfer
      )
    )
  }

  private func newFile(_ path: Path) throws(RescueError) -> DumpOutlet {
    do throws(Errno) {
      return DumpOutlet(
        PlacedFile(try Descriptor(path, .createNew(mode: 0o600)))
      )
    } catch { throw .target(error) }
  }

  private func disk(_ path: Path) throws(RescueError) -> DumpOutlet {
    guard let id else { throw .noID }
    let file = try open(path, .readWriteExclusive)
    let disk = try PreparedDisk.open(file, id: id)
    let area = disk.area
    do throws(NoRoom) {
      return DumpOutlet(
        try DumpArea.begin(on: disk, area, time: Clock.seconds())
      )
    } catch { throw .smallDisk }
  }

  /// Says what is saved, and what not.
  private func tell(_ dump: borrowing PlainDump<DumpOutlet>, _ target: Path) {
    let (bytes, frames) = (dump.byteCount, dump.frames)
    if let cut = dump.cut {
      Console.say(
        """
        rescue: a part of the dump is saved: \(target), \(bytes) bytes, \
        \(frames) frames; \(dump.left) are missing, from \(cut.name) on
        """,
        to: log
      )
    } else {
      Console.say(
        "rescue: the dump is saved: \(target), \(bytes) bytes, \(frames) frames",
        to: log
      )
    }
    if dump.unreadable > 0 {
      say(target, "\(dump.unreadable) frames could not be read, and are zero")
    }
  }
}
